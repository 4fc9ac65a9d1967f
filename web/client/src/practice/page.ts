/** /practice: the real scan page over a network that is in this page alone, and the tasks that lead through it. */

import { behind } from "../behind";
import { el, fill } from "../dom";
import { t } from "../i18n";
import { playRegister } from "../items";
import { Outbox } from "../outbox";
import { ScanPage } from "../scan/page";
import { button } from "../scan/view";
import { play } from "../sound";
import { setSetting } from "../store";
import { why } from "../teach/why";
import { type Step, stepOf, TASKS, words } from "./course";
import { envelopeView, face } from "./envelope";
import { PRACTICE_NET } from "./net";
import { type Act, World } from "./world";

export class PracticePage {
  private readonly course = el("section", { class: "course", "aria-live": "polite" });
  private readonly scan = el("div", {});
  private readonly acts: Act[] = [];
  private at = 0;
  private page: ScanPage | undefined;

  private constructor(private readonly root: HTMLElement) {}

  /** Begin at the first task. */
  static async open(root: HTMLElement): Promise<void> {
    const made = new PracticePage(root);
    await made.start();
  }

  private async start(): Promise<void> {
    const world = await World.open((act) => this.onAct(act));
    this.world = world;
    playRegister(world);
    fill(this.root,
      el("p", { class: "practice-band", role: "note" }, el("b", {}, t("PRACTICE")), " ", t("Nothing here is recorded, and no envelope is real.")),
      this.course, this.scan,
      el("section", { class: "practice-sheet" }, el("h2", {}, t("Practice envelopes: no real mail")), ...world.envelopes.map(face)));
    this.draw("on");
    const { keys, sign } = world;
    this.page = new ScanPage(this.scan, world.session, new Outbox(PRACTICE_NET), { keys, sign, items: () => world.all() });
    await this.page.open();
  }

  private world: World | undefined;

  private onAct(act: Act): void {
    this.acts.push(act);
    this.draw(this.step());
  }

  private step(): Step {
    const task = TASKS[this.at];
    return task ? stepOf(task, this.numbersOf(this.at), this.acts) : "done";
  }

  private numbersOf(at: number): string[] {
    return (TASKS[at]?.envelopes ?? []).map((n) => this.world?.envelopes[n]?.number ?? "");
  }

  private draw(step: Step): void {
    const task = TASKS[this.at];
    if (!task) {
      this.drawEnd();
      return;
    }
    const { title, next, moral } = words(task);
    this.course.dataset["step"] = step;
    this.course.dataset["task"] = task.name;
    fill(this.course,
      el("p", { class: "small" }, t("Task {n} of {m}", { n: this.at + 1, m: TASKS.length })),
      el("h2", {}, title),
      el("progress", { max: TASKS.length, value: this.at + (step === "done" ? 1 : 0), "aria-label": t("Tasks done") }),
      step === "done" ? el("p", { class: "moral" }, moral)
        : step === "wrong" ? el("p", { class: "alarm", role: "alert" }, t("You signed although the seal differed. In earnest this is a break of the chain, with your name on it. Do it again."))
          : el("p", { class: "next" }, next),
      step === "on" ? why(task.name === "forged" ? "forged" : task.name === "wrong-seal" ? "record" : task.name === "hand-over" ? "two-signatures" : task.name === "round" ? "round" : "compare") : null,
      step === "on" ? this.envelopes() : null,
      step === "done" ? button(this.at + 1 < TASKS.length ? t("Next task") : t("Finish"), "primary", () => this.goTo(this.at + 1), { "data-action": "next-task" }) : null,
      step === "wrong" ? button(t("Do it again"), "primary", () => this.goTo(this.at), { "data-action": "again" }) : null,
      step === "on" ? button(t("Skip this task"), "quiet", () => this.goTo(this.at + 1), { "data-action": "skip-task" }) : null);
    if (step === "done") {
      play("done");
    }
    if (step !== "on") {
      setTimeout(() => scrollTo({ top: 0 }), 0); // what was learnt stands above what was shown
    }
  }

  private envelopes(): HTMLElement {
    const shown = (TASKS[this.at]?.envelopes ?? []).flatMap((n) => this.world?.envelopes[n] ?? []);
    return el("div", { class: "envelopes" }, ...shown.map((one) => envelopeView(one, (digits) => behind(this.page?.read(digits)))));
  }

  private goTo(at: number): void {
    const isAgain = at === this.at;
    this.at = at;
    if (isAgain) {
      this.acts.length = 0;
      this.world?.reset();
    }
    this.draw(this.step());
    this.page?.restart();
    scrollTo({ top: 0 });
  }

  private drawEnd(): void {
    void setSetting("practised", Date.now()).catch(() => undefined); // so that the scan page offers it less loudly
    this.course.dataset["step"] = "over";
    fill(this.course,
      el("h2", {}, t("You have been through everything")),
      el("p", {}, t("In earnest it looks and sounds the same, without the yellow band.")), why("practice"),
      el("a", { class: "action primary", href: "/scan" }, t("Scan in earnest")),
      button(t("Practise once more"), "", () => this.goToStart()),
      button(t("Print the practice envelopes"), "quiet", () => print()));
  }

  private goToStart(): void {
    this.acts.length = 0;
    this.world?.reset();
    this.at = 0;
    this.draw("on");
    this.page?.restart();
  }
}
