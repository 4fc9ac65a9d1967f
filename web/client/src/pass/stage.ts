/** What both sides of an exchange need of the page, and of the device's store. */

import { behind } from "../behind";
import { type Event, parseEvent } from "../../../verifier/src/event";
import type { Bytes } from "../bytes";
import { el, fill } from "../dom";
import { explain } from "../explain";
import { t } from "../i18n";
import type { Method } from "../event";
import { LabelError, parseDigits } from "../label";
import { readNumber } from "../s10";
import type { Desk } from "../scan/acts";
import { kindOf } from "../scan/outcome";
import { actions, alarm, banner, button } from "../scan/view";
import { resultOf } from "../scan/words";
import { play } from "../sound";
import { why } from "../teach/why";
import { get, type OutboxEntry, type StoredReceipt } from "../store";

/** What the page does for an exchange. */
export interface PassStage {
  /** "pass": the camera reads on; "step": it rests; "result": it is over. */
  show(view: "pass" | "step" | "result"): void;
  /** The page is as it was before. */
  leave(): void;
}

/** An envelope that was read amid an exchange: its whole label, or a number that was typed. */
export interface Read {
  readonly number: string;
  readonly label: Bytes | null;
  readonly method: Method;
}

/** What a text says of an envelope; null where it is none. */
export function readOf(text: string, method: Method): Read | null {
  const number = readNumber(text);
  if (number) {
    return { number, label: null, method };
  }
  try {
    const label = parseDigits(text.trim());
    return { number: label.number, label: label.raw, method };
  } catch (error) {
    if (error instanceof LabelError) {
      return null;
    }
    throw error;
  }
}

/** The signed bytes of an event that this device keeps, sent or not. */
export async function rawOf(id: string): Promise<Bytes> {
  const kept = (await get<OutboxEntry>("outbox", id)) ?? (await get<StoredReceipt>("receipts", id));
  if (!kept) {
    throw new Error(`event ${id} is not kept here`);
  }
  return kept.raw;
}

export async function keptEvent(id: string): Promise<Event> {
  return parseEvent(await rawOf(id));
}

/** Do *work*; what goes wrong is said on the page, with a way out. */
export async function attempt(desk: Desk, stage: PassStage, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    stage.show("result");
    fill(desk.root, alarm(explain(error)), actions(button(t("Back"), "primary", () => stage.leave())));
  }
}

/**
 * The end of an exchange: what the service says of the events by now, and below it *parts*. Drawn again when the
 * service has answered, until the page shows something else.
 */
export async function showResult(desk: Desk, stage: PassStage, ids: readonly string[], parts: readonly (HTMLElement | null)[]): Promise<void> {
  stage.show("result");
  const place = el("div", {});
  const draw = async (): Promise<void> => {
    const kinds = await Promise.all(ids.map(async (id) => kindOf(await desk.outbox.outcomeOf(id), desk.session.me.remarks)));
    const worst = (["refused", "flagged", "waiting"] as const).find((kind) => kinds.includes(kind)) ?? "done";
    const words = worst === "waiting"
      ? t("Both phones keep what both have signed. Whichever first has a connection sends it.") : "";
    fill(place, banner({ ...resultOf(worst), ...(words ? { text: words } : {}) }));
    place.dataset["outcome"] = worst;
  };
  await draw();
  fill(desk.root, place, ...parts, why("two-signatures"), actions(button(t("Scan on"), "primary", () => {
    stop();
    stage.leave();
  }, { "data-action": "pass-done" })));
  play("done");
  const stop = desk.outbox.onChange(() => {
    if (place.isConnected) {
      behind(draw());
    } else {
      stop();
    }
  });
  behind(desk.outbox.flush());
}
