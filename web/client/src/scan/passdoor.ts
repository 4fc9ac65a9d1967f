/** The way from the scan page to another phone and back: two buttons, and codes that say by themselves what they are. */

import { behind } from "../behind";
import { el } from "../dom";
import type { Method } from "../event";
import { t } from "../i18n";
import { isFinished, isFrame, type PassStage, PassView } from "../pass";
import type { Item } from "../told";
import type { Desk } from "./acts";
import { button } from "./view";

/** What the page gives to an exchange; `begin` is called whenever one is entered. */
export interface PassHost extends PassStage {
  desk(): Desk;
  begin(): void;
  view(): string | undefined;
}

export class PassDoor {
  private pass: PassView | null = null;

  constructor(private readonly host: PassHost) {}

  /** Two phones with no network between them, or by choice. */
  buttons(): HTMLElement {
    const begin = (words: string, name: string, work: (pass: PassView) => void): HTMLElement =>
      button(words, "", () => work(this.open()), { "data-action": name });
    return el("details", { class: "more pass-door", open: !navigator.onLine }, el("summary", {}, t("Phone to phone, without a connection")),
      el("div", { class: "two" },
        begin(t("Hand over, phone to phone"), "pass-give", (pass) => behind(pass.give())),
        begin(t("Receive from another phone"), "pass-take", (pass) => pass.receive())));
  }

  /** For an item that one holds; null for any other. */
  giveButton(item: Item): HTMLElement | null {
    return item.actions.includes("hand_over")
      ? button(t("Hand over, phone to phone"), item.local ? "" : "quiet", () => behind(this.open().give(item.uid)), { "data-action": "pass-give" }) : null;
  }

  /** Whether a read was for another phone's sake, and is dealt with: else the exchange that was open is over. */
  takes(text: string, method: Method): boolean {
    const isOpen = this.pass !== null && this.host.view() === "pass";
    if (!isOpen && !isFrame(text)) {
      this.close();
      return false;
    }
    if (isOpen || !isFinished(text)) {
      const pass = this.open();
      if (!isOpen) {
        pass.receive(); // whoever reads another phone's codes is the taker, and need not say so
      }
      behind(pass.read(text, method));
    }
    return true;
  }

  private open(): PassView {
    this.host.begin();
    this.pass ??= new PassView(this.host.desk(), {
      show: (view) => this.host.show(view),
      leave: () => {
        this.close();
        this.host.leave();
      },
    });
    return this.pass;
  }

  private close(): void {
    this.pass?.close();
    this.pass = null;
  }
}
