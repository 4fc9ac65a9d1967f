/** The end of a shift: what is still on one's hands, what waits, what was refused and why; then "12 of 12 confirmed". */

import { behind } from "../behind";
import { takeIn } from "../carried";
import { dayItems, refreshDay } from "../day";
import { momentWords } from "../dayclock";
import { recordHead } from "../device";
import { el, fill } from "../dom";
import { reasonText } from "../event";
import { explain } from "../explain";
import { t } from "../i18n";
import { type Outbox, type OutboxState, SIGNED_OUT, waitingWords } from "../outbox";
import { waitingPapers } from "../papers";
import { groupNumber } from "../s10";
import type { Session } from "../session";
import { type OutboxEntry, saidOf } from "../store";
import { headIsSigned, noteHead, type ShiftState, shiftState } from "../shiftstate";
import type { DayItem } from "../told";
import { why } from "../teach/why";
import { actions, alarm, button } from "./view";
import { stateLine } from "./words";

const LEAST_WORDS = 3;
const MOST_EXPLAINED = 20;
const MOST_BYTES = 8_000_000; // of a file that is read in

interface Desk {
  readonly session: Session;
  readonly outbox: Outbox;
  readonly place: number;
  readonly root: HTMLElement;
}

/** Show the shift until the person goes back; it follows what is sent. */
export function showShift(desk: Desk): Promise<void> {
  return new Promise((resolve) => {
    const view = new Shift(desk, () => {
      stop();
      resolve();
    });
    const stop = desk.outbox.onChange(() => behind(view.draw()));
  });
}

class Shift {
  private readonly said = el("div", { role: "status" });
  private readonly body = el("div");
  private drawing = 0;

  constructor(private readonly desk: Desk, private readonly back: () => void) {
    fill(desk.root, el("section", { class: "step shift" },
      el("h2", { tabindex: -1 }, t("End of shift")),
      el("p", { class: "hint" }, t("Everything you signed must have arrived, and you must know what you still answer for. Only then is the shift over.")),
      this.said, why("kept"), this.body));
    desk.root.querySelector<HTMLElement>("h2")?.focus();
  }

  async draw(): Promise<void> {
    this.drawing += 1;
    const mine = this.drawing;
    const { session, outbox } = this.desk;
    const [state, waits, items] = [await shiftState(session), await outbox.state(), await dayItems(session.me)];
    const held = items.filter((item) => item.custodian?.id === session.me.person.id);
    if (mine !== this.drawing || this.body.contains(document.activeElement) && document.activeElement?.matches("input[type=text]")) {
      return; // a later look is under way, or somebody is writing
    }
    fill(this.body,
      el("p", { class: "count", "data-complete": state.confirmed === state.signed ? "yes" : "no" },
        t("{n} of {m} confirmed", { n: state.confirmed, m: state.signed })),
      this.refused(waits),
      waits.waiting ? this.waiting(state, waitingWords(waits, session.me.person.name)) : null,
      this.held(held),
      this.explained(waits),
      state.isKept ? null : el("p", { class: "hint" }, t("This browser may drop what it keeps when the device runs out of room. Install the app on the home screen, and send often.")),
      this.import(),
      actions(button(t("End the shift"), "primary", () => behind(this.run(() => this.end()))), button(t("Back"), "", this.back)));
  }

  private refused({ refused, papers }: OutboxState): HTMLElement | null {
    const { outbox, place, session: { me } } = this.desk;
    return refused.length + papers.length ? el("section", { class: "refused-list" },
      el("h3", {}, t("Refused by the service: {n}", { n: refused.length + papers.length })),
      refused.length ? el("p", {}, t("These do not count. Say for each in a few words what had happened; then do the step again.")) : null,
      ...refused.map((entry) => refusal("refusal", entry.id, [heading(entry), small(entry.problem)], (text) => outbox.explain(entry.id, text, place))),
      ...papers.map((paper, index) => refusal("refusal", `paper-${index}`, [
        el("p", {}, el("b", {}, paper.title), " · ", el("span", { class: "number" }, groupNumber(paper.one.number))),
        small(paper.one.problem ?? ""), el("p", { class: "next" }, paper.next),
        ...(paper.one.signer === me.person.id ? [button(t("Send again"), "quiet", () => behind(outbox.sendAgain(paper, me.person.id)))] : []),
      ], (text) => outbox.explainPaper(paper, text, place)))) : null;
  }

  /** What was said of refusals: the last word of each, and a place for a further one. */
  private explained({ explained }: OutboxState): HTMLElement | null {
    const { outbox, place } = this.desk;
    return explained.length ? el("details", { class: "more explained" }, el("summary", {}, t("Refused and explained: {n}", { n: explained.length })),
      ...explained.slice(-MOST_EXPLAINED).reverse().map((entry) => refusal("explanation", entry.id,
        [heading(entry), small(entry.problem), el("p", { class: "said" }, saidOf(entry).at(-1)?.text ?? "")],
        (text) => outbox.explain(entry.id, text, place)))) : null;
  }

  private waiting(state: ShiftState, words: string): HTMLElement {
    return el("section", { class: "waiting-list" },
      el("h3", {}, words),
      el("ul", {}, ...state.waiting.map((entry) => el("li", {}, entry.title, " · ", groupNumber(entry.number), " · ",
        momentWords({ ms: entry.createdMs, uncertaintyMs: entry.uncertaintyMs ?? 0 }), " · ", t("recorded, not yet confirmed")))),
      button(t("Save what waits as a file"), "quiet", () => behind(this.run(() => this.export()))));
  }

  private held(items: readonly DayItem[]): HTMLElement {
    return el("section", { class: "held-list" },
      el("h3", {}, items.length ? t("You still answer for {n}", { n: items.length }) : t("Nothing is on your hands")),
      items.length ? el("ul", {}, ...items.map((item) => el("li", {}, el("span", { class: "number" }, groupNumber(item.number)),
        " · ", stateLine(item, this.desk.session.me.person.id)))) : null,
      items.length ? el("p", { class: "hint" }, t("Hand over or lock away each of them; who has it overnight must have signed for it.")) : null);
  }

  private import(): HTMLElement {
    const input = el("input", { type: "file", accept: "application/json,.json", class: "sr", id: "shift-import" });
    input.addEventListener("change", () => behind(this.run(() => this.take(input))));
    return el("details", { class: "more" }, el("summary", {}, t("A file from another device")),
      el("p", { class: "hint" }, t("Where another device cannot send any more: take in the file that was saved on it. It is sent from here; the signatures in it stay those of who signed.")),
      el("label", { class: "action quiet", for: input.id }, t("Choose the file")), input);
  }

  private async run(work: () => Promise<string>): Promise<void> {
    try {
      this.say(await work());
    } catch (error) {
      fill(this.said, alarm(explain(error)));
    }
    await this.draw();
  }

  private say(text: string): void {
    fill(this.said, el("p", { class: "entry" }, text));
  }

  /** Send all, report how far this device's chain has come, and say what is missing. */
  private async end(): Promise<string> {
    const { session, outbox, place } = this.desk;
    const before = await outbox.state();
    if (before.refused.length + before.papers.length) {
      return t("Say first, for each refused one, what had happened.");
    }
    if (!(await headIsSigned(session))) {
      await recordHead(session, place, t("End of shift"));
      await noteHead(session);
    }
    const reason = await outbox.flush();
    await outbox.sendPapers(session.me.person.id);
    await refreshDay(session);
    const { confirmed, signed, waiting } = await shiftState(session);
    const after = await outbox.state();
    if (after.papers.length) {
      return t("Say first, for each refused one, what had happened.");
    }
    const others = after.waiting - waiting.length + (await waitingPapers(session.me.person.id));
    if (confirmed === signed && others <= 0) {
      return t("{n} of {m} confirmed. The shift is over.", { n: confirmed, m: signed });
    }
    return [t("{n} of {m} confirmed.", { n: confirmed, m: signed }),
      reason === SIGNED_OUT ? t("You are signed out: sign in, and what waits is sent.")
        : t("The rest waits on this device: keep it charged, and open this page where there is a network. Nothing is lost.")].join(" ");
  }

  private async export(): Promise<string> {
    const { entries } = await this.desk.outbox.exported();
    const name = `tram-${this.desk.session.me.net}-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}.json`;
    const href = URL.createObjectURL(new Blob([JSON.stringify({ entries })], { type: "application/json" }));
    el("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    return t("{n} saved in the file {name}. Take it in on another device, or give it to your supervisor. It stays here too.", { n: entries.length, name });
  }

  private async take(input: HTMLInputElement): Promise<string> {
    const file = input.files?.[0];
    input.value = "";
    if (!file || file.size > MOST_BYTES) {
      return t("This is no file of saved events.");
    }
    const found = await takeIn(this.desk.session.me, await file.text()).finally(() => this.desk.outbox.touch());
    if (!found) {
      return t("This is no file of saved events.");
    }
    const left = found.false ? t("{n} left out: no key of this site has signed them so. Keep the file and tell your supervisor.", { n: found.false }) : "";
    return [t("{n} taken in. They are sent from here.", { n: found.taken }), left].filter(Boolean).join(" ");
  }
}

function heading(entry: OutboxEntry): HTMLElement {
  return el("p", {}, el("b", {}, entry.title), " · ", el("span", { class: "number" }, groupNumber(entry.number)), " · ",
    momentWords({ ms: entry.createdMs, uncertaintyMs: entry.uncertaintyMs ?? 0 }));
}

function small(text: string): HTMLElement {
  return el("p", { class: "small" }, text);
}

/** What was refused, and a line to say what had happened. */
function refusal(kind: string, id: string, parts: readonly HTMLElement[], keep: (text: string) => Promise<void>): HTMLElement {
  const [input, error] = [el("input", { type: "text", id: `why-${id}`, maxlength: 300, autocomplete: "off" }), el("p", { class: "error", role: "alert" })];
  return el("form", { class: kind, onsubmit: (event) => {
    event.preventDefault();
    const text = reasonText(input.value);
    if (text.length < LEAST_WORDS) {
      error.textContent = t("Say in a few words what had happened.");
      input.focus();
    } else {
      input.blur();
      behind(keep(text));
    }
  } },
  ...parts,
  el("label", { for: input.id }, t("What had happened (never what is inside)")), input, error,
  el("button", { class: "action" }, t("Keep the explanation")));
}
