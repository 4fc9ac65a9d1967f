/** The other phone's codes as they are read: how many of how many, and the message once it is whole. */

import { behind } from "../behind";
import { el, fill } from "../dom";
import { t } from "../i18n";
import { play } from "../sound";
import { Collector, isFrame } from "./frames";
import { type Message, MessageError, unpack } from "./message";

export class FrameReader {
  readonly element = el("section", { class: "pass-read" });
  private readonly collector = new Collector();
  private readonly said = el("p", { class: "error", role: "alert" });
  private strangers = 0;

  constructor(private readonly title: string, private readonly onMessage: (message: Message, tag: string) => Promise<void>) {
    this.draw();
  }

  /** Take a read in; false where it is none of another phone. */
  read(text: string): boolean {
    if (!isFrame(text)) {
      return false;
    }
    const taken = this.collector.take(text);
    if (taken === "new") {
      this.strangers = 0;
      this.said.textContent = "";
      behind(this.finish());
    } else if (taken === "other" && ++this.strangers > 2) { // the other phone shows something else now: begin anew with that
      this.strangers = 0;
      this.collector.clear();
      this.said.textContent = t("The other phone shows other codes now. They are read from the beginning.");
      return this.read(text);
    } else if (taken === "misread" && !text.startsWith("951")) {
      this.said.textContent = t("The other phone's app is newer. Reload this page when there is a connection.");
    }
    this.draw();
    return true;
  }

  private async finish(): Promise<void> {
    try {
      const bytes = await this.collector.message();
      if (bytes) {
        const message = await unpack(bytes);
        play("good");
        await this.onMessage(message, this.collector.tag);
      }
    } catch (error) {
      if (!(error instanceof MessageError || error instanceof RangeError)) {
        throw error;
      }
      this.collector.clear();
      this.said.textContent = error instanceof MessageError && error.newer
        ? t("The other phone's app is newer. Reload this page when there is a connection.")
        : t("The codes do not fit together. Hold the camera on the other screen and read them again.");
      play("warn");
      this.draw();
    }
  }

  private draw(): void {
    const { read, of } = this.collector.progress;
    fill(this.element,
      el("h2", { tabindex: -1 }, this.title),
      el("p", { class: "pass-progress", role: "status", "data-read": read, "data-of": of },
        of ? t("{n} of {m} read", { n: read, m: of }) : t("Hold the camera 20 to 30 cm from the other screen, straight on.")),
      of ? el("p", { class: "pass-dots", "aria-hidden": "true" }, ...Array.from({ length: of }, (_, index) =>
        el("span", { "data-read": this.collector.has(index + 1) ? "yes" : "no" }))) : null,
      this.said);
  }
}
