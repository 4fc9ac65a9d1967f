/**
 * Phone to phone (docs/spec/pass.md): what is read goes to the side that this device is on. Codes of another phone say by
 * themselves what they are, so that whoever holds the camera over them need not choose anything first.
 */

import { el, fill } from "../dom";
import type { Method } from "../event";
import { t } from "../i18n";
import type { Desk } from "../scan/acts";
import { actions, button } from "../scan/view";
import { play } from "../sound";
import { why } from "../teach/why";
import { isFrame, parseFrame } from "./frames";
import { Giver } from "./give";
import { Kind, type Message } from "./message";
import { FrameReader } from "./read";
import { attempt, type PassStage, readOf } from "./stage";
import { Taker } from "./take";

export { isFrame } from "./frames";

/** Tags of what was read to the end on this page: a screen that still shows it begins nothing anew by itself. */
const finished = new Set<string>();

/** Whether *text* is of codes that have been dealt with. */
export function isFinished(text: string): boolean {
  const frame = parseFrame(text);
  return frame !== null && finished.has(frame.tag);
}

export type { PassStage } from "./stage";

export class PassView {
  private readonly giver: Giver;
  private readonly taker: Taker;
  private side: Giver | Taker | null = null; // whose list takes scans of envelopes
  private reader: FrameReader | null = null;

  constructor(private readonly desk: Desk, private readonly stage: PassStage) {
    this.giver = new Giver(desk, stage, () => this.readCodes(t("Read the answer")));
    this.taker = new Taker(desk, stage, () => this.readCodes(t("Read whom to call off hours")));
  }

  /** Begin as the giver; *first* is the uid of an item that is chosen already. */
  async give(first?: string): Promise<void> {
    this.side = this.giver;
    this.reader = null;
    await attempt(this.desk, this.stage, () => this.giver.open(first));
  }

  /** Begin as the taker: the camera waits for the codes of the other phone. */
  receive(): void {
    this.readCodes(t("Receive from another phone"));
  }

  /** A read from anywhere while this is open. */
  async read(text: string, method: Method): Promise<void> {
    if (isFrame(text)) {
      if (!this.reader && !isFinished(text)) {
        this.receive();
      }
      this.reader?.read(text);
      return;
    }
    const read = readOf(text, method);
    const { side } = this;
    if (read && side && !this.reader) {
      await attempt(this.desk, this.stage, () => side.read(read));
    } else {
      play("alien"); // a code of something else, or a label before the other phone's codes were read
    }
  }

  /** The page goes on with something else. */
  close(): void {
    this.giver.stop();
    this.taker.stop();
    this.reader = null;
    this.side = null;
  }

  private readCodes(title: string): void {
    this.stage.show("pass");
    finished.clear(); // who asks for codes may want the same ones again
    this.reader = new FrameReader(title, (message, tag) => attempt(this.desk, this.stage, async () => {
      finished.add(tag);
      await this.on(message);
    }));
    fill(this.desk.root, this.reader.element, el("p", { class: "hint" }, t("The codes change by themselves; each is read once.")), why("two-signatures"),
      actions(button(t("Back"), "", () => this.stage.leave())));
    this.reader.element.querySelector<HTMLElement>("h2")?.focus();
  }

  private async on(message: Message): Promise<void> {
    this.reader = null;
    if (message.kind === Kind.OFFER) {
      this.side = this.taker;
      await this.taker.open(message);
    } else if (message.contacts) {
      this.side = null;
      await this.taker.told(message.contacts);
    } else {
      this.side = null;
      await this.giver.answered(message);
    }
  }
}
