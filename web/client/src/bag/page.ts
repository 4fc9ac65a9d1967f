/** The page of bags: scan envelopes to close one, scan the label of a bag to open it. */

import { behind } from "../behind";
import type { Bytes } from "../bytes";
import { dayOf, refreshDay } from "../day";
import { askedFor } from "../address";
import { el, fill } from "../dom";
import { Method } from "../event";
import { guardKeys } from "../guard";
import { t } from "../i18n";
import type { LabelKey } from "../label";
import { type Outbox, waitingWords } from "../outbox";
import type { Desk } from "../scan/acts";
import { Finder } from "../scan/finder";
import { type Found, labelKeys, look } from "../scan/reading";
import { placesOf, type Session } from "../session";
import { play, unlockSound } from "../sound";
import { prepareSpeech } from "../speech/speak";
import { get } from "../store";
import type { Place } from "../told";
import { Closing, keptBag } from "./close";
import { Opening } from "./open";
import type { Job, Stage } from "./stage";

export class BagPage {
  private readonly bar = el("header", { class: "scan-bar" });
  private readonly body = el("div", { class: "scan-body", "aria-live": "polite" });
  private readonly finder = new Finder((text, _format, method) => this.onText(text, method), () => play("info"));
  private readonly desk: Desk;
  private keys: ReadonlyMap<string, LabelKey & { bytes: Bytes }> = new Map();
  private offices: readonly Place[] = [];
  private job: Job | null = null;
  private reads: Promise<void> = Promise.resolve(); // one after the other, none lost

  constructor(private readonly root: HTMLElement, session: Session, outbox: Outbox, private readonly place: Place) {
    this.desk = { session, outbox, place: place.code, root: this.body };
  }

  static async open(root: HTMLElement, session: Session, outbox: Outbox): Promise<void> {
    const places = placesOf(session.me.person);
    const kept = await get<number>("settings", "place");
    const place = places.find(({ code }) => code === kept) ?? places[0] ?? { code: 0, name: "" };
    await new BagPage(root, session, outbox, place).start();
  }

  private async start(): Promise<void> {
    this.keys = await labelKeys();
    this.offices = await officesKnown(this.desk.session);
    this.root.classList.add("scan");
    fill(this.root, this.bar, this.finder.element, this.finder.wedge.input, this.body);
    this.root.addEventListener("pointerdown", unlockSound, { once: true });
    guardKeys(() => this.notNow());
    prepareSpeech();
    this.desk.outbox.onChange(() => behind(this.showBar()));
    await this.again();
    this.takeAsked();
    addEventListener("hashchange", () => this.takeAsked());
    await this.reads;
    void refreshDay(this.desk.session).catch(() => false);
    await this.finder.open();
    this.finder.wedge.focus();
  }

  /** A bag that the address names, as the scan page does. */
  private takeAsked(): void {
    const asked = askedFor(location.hash);
    if (asked) {
      history.replaceState(null, "", location.pathname);
      this.onText(asked, Method.MANUAL);
    }
  }

  private async showBar(): Promise<void> {
    const state = await this.desk.outbox.state();
    fill(this.bar, el("div", { class: "place" }, el("small", {}, t("You are at")), el("b", {}, this.place.name || t("No place"))),
      state.waiting ? el("span", { class: "waiting" }, waitingWords(state, this.desk.session.me.person.name)) : null);
  }

  /** A new bag to close; the direction is that of the last one. */
  private async again(): Promise<void> {
    const kept = await keptBag(this.desk.session.me.person.id);
    const last = kept?.destination ?? (await get<number>("settings", "bag-destination")) ?? 0;
    const destination = this.offices.some(({ code }) => code === last && code !== this.place.code) ? last : 0;
    const closing = new Closing(this.stage(), this.keys, destination);
    for (const { text, method } of kept?.reads ?? []) {
      closing.restore(await look(text, method, this.keys));
    }
    this.job = closing;
    closing.draw();
  }

  private stage(): Stage {
    return {
      desk: this.desk,
      offices: this.offices,
      view: (view) => {
        this.root.dataset["view"] = view === "scan" ? "round" : view;
        if (view === "step") {
          this.finder.pause();
        } else {
          this.finder.resume();
        }
        scrollTo({ top: 0 });
      },
      again: () => behind(this.again()),
    };
  }

  private onText(text: string, method: Method): void {
    this.reads = this.reads.then(async () => {
      if (this.root.dataset["view"] === "step") {
        this.notNow();
        return;
      }
      await this.take(await look(text, method, this.keys));
    });
  }

  private async take(found: Found): Promise<void> {
    if (this.root.dataset["view"] === "result") {
      await this.again();
    }
    if (found.item?.is_container && found.item.actions.includes("open") && !this.job?.isBegun) {
      const opening = new Opening(this.stage(), found, found.item);
      this.job = opening;
      behind(opening.begin());
      return;
    }
    this.job?.read(found);
  }

  private notNow(): void {
    play("warn");
    this.body.querySelector(".not-now")?.remove();
    this.body.prepend(el("p", { class: "alarm not-now", role: "alert" }, t("That read was not taken: answer this question first, or go back.")));
  }
}

/** The offices of the network as the service told them last, else those of the people of the day. */
async function officesKnown(session: Session): Promise<readonly Place[]> {
  const told = (await get<Place[]>("settings", "offices")) ?? [];
  if (told.length) {
    return told;
  }
  const people = (await dayOf(session.me))?.people ?? [];
  return [...new Map(people.flatMap(({ office }) => (office ? [[office.code, office] as const] : []))).values()];
}
