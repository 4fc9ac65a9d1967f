/** The words of the scan page: what was read, how an item stands, what to do next and why. Pure. */

import { t } from "../i18n";
import { isOnlyNamed } from "../items";
import type { Tone } from "../sound";
import type { Subject } from "../teach/why";
import type { ActionName, Item } from "../told";

export type ResultKind =
  | "genuine" | "again" | "number" | "misread" | "forged" | "unknown-key" | "key-window" | "version" | "foreign"
  | "unregistered" | "superseded" | "forbidden" | "offline" | "done" | "flagged" | "waiting" | "refused" | "nothing"
  | "unlisted" | "misplaced" | "alone" | "practice" | "practised" | "undone"
  | "not-mine" | "astray" | "held" | "extra"; // of a bag

export interface Result {
  readonly tone: "good" | "warn" | "bad" | "info";
  readonly sound: Tone;
  readonly shape: string;
  readonly word: string;
  readonly text: string;
}

const CHECK = "M4 13l5 5L20 7";
const TWICE = "M3 13l4 4 8-8M10 16l1 1 10-10";
const TRIANGLE = "M12 3l10 18H2zM12 10v5M12 17.5v1";
const OCTAGON = "M8 2h8l6 6v8l-6 6H8l-6-6V8zM8 8l8 8M16 8l-8 8";
const DIAMOND = "M12 2l10 10-10 10L2 12zM12 8v5M12 15.5v1";
const SQUARE = "M4 4h16v16H4zM8 12h8";
const QUESTION = "M12 2a10 10 0 100 20 10 10 0 000-20zM9.2 9.3a2.8 2.8 0 115 1.9c-1 .9-2.2 1.4-2.2 2.8M12 17.3v.2";
const SIGNPOST = "M12 2v20M12 4h7l2.5 2.5L19 9h-7M12 11H5l-2.5 2.5L5 16h7";
const CROSSED = "M4 4h16v16H4zM4 4l16 16";
const HAND = "M8 12V5.5a1.5 1.5 0 013 0V11m0-6.5a1.5 1.5 0 013 0V11m0-5a1.5 1.5 0 013 0v8a7 7 0 01-12 5l-3-5a1.6 1.6 0 012.6-1.8L8 14.5";
const BOOK = "M12 6c-2-2-5-2-9-2v14c4 0 7 0 9 2 2-2 5-2 9-2V4c-4 0-7 0-9 2v14";
const BACK = "M9 5L4 10l5 5M4 10h10a6 6 0 010 12";
const CLOCK = "M12 2a10 10 0 100 20 10 10 0 000-20zM12 7v5l4 2";

/** How each outcome looks, sounds and reads: no two share colour, shape and word. */
export function resultOf(kind: ResultKind): Result {
  switch (kind) {
    case "genuine":
      return { tone: "good", sound: "good", shape: CHECK, word: t("Genuine label"), text: "" };
    case "again":
      return { tone: "good", sound: "again", shape: TWICE, word: t("Scanned already"), text: "" };
    case "number":
      return { tone: "info", sound: "info", shape: SQUARE, word: t("Number only"),
        text: t("The number proves nothing by itself. Scan the square code if you can.") };
    case "misread":
      return { tone: "warn", sound: "warn", shape: TRIANGLE, word: t("Misread"),
        text: t("The check digits do not fit. Hold the reader still and scan again.") };
    case "forged":
      return { tone: "bad", sound: "bad", shape: OCTAGON, word: t("Forged label"),
        text: t("No post office signed this label. Keep the envelope apart and tell your supervisor now.") };
    case "unknown-key":
      return { tone: "bad", sound: "bad", shape: DIAMOND, word: t("Unknown issuer"),
        text: t("The label names an issuing key that this site does not know. Keep the envelope apart and tell your supervisor.") };
    case "key-window":
      return { tone: "warn", sound: "warn", shape: DIAMOND, word: t("Issuing key out of date"),
        text: t("The label was signed with a key that was not valid on that day. Tell your supervisor.") };
    case "version":
      return { tone: "warn", sound: "warn", shape: SQUARE, word: t("Newer label"),
        text: t("This label is of a kind this page does not know yet. Reload the page and scan again.") };
    case "foreign":
      return { tone: "info", sound: "alien", shape: CROSSED, word: t("Not a KT1 label"),
        text: t("Scan the square code of the KT1 label.") };
    case "unregistered":
      return { tone: "bad", sound: "bad", shape: OCTAGON, word: t("Not in the register"),
        text: t("The item was never entered. Keep the envelope apart and tell your supervisor.") };
    case "superseded":
      return { tone: "warn", sound: "old", shape: TRIANGLE, word: t("Old label"),
        text: t("A newer label has replaced this one. Look for it on the cover, or tell your supervisor.") };
    case "forbidden":
      return { tone: "warn", sound: "warn", shape: DIAMOND, word: t("Not shown to you"),
        text: t("This is a KT1 item of others. Hand it to the nearest post office.") };
    case "offline":
      return { tone: "warn", sound: "warn", shape: CLOCK, word: t("No connection"),
        text: t("The service does not answer. Keep the item and scan again when the connection is back.") };
    case "done":
      return { tone: "good", sound: "done", shape: CHECK, word: t("Recorded"), text: "" };
    case "flagged":
      return { tone: "warn", sound: "warn", shape: TRIANGLE, word: t("Recorded, with findings"), text: "" };
    case "waiting":
      return { tone: "info", sound: "info", shape: CLOCK, word: t("Recorded, not yet confirmed"),
        text: t("It is kept on this device and sent as soon as the service answers.") };
    case "refused":
      return { tone: "bad", sound: "bad", shape: OCTAGON, word: t("Refused by the service"), text: "" };
    case "unlisted":
      return { tone: "warn", sound: "unlisted", shape: QUESTION, word: t("Not on the list"),
        text: t("The label is genuine, but this envelope is not of this round. Lay it aside and scan the next one.") };
    case "misplaced":
      return { tone: "bad", sound: "misplaced", shape: SIGNPOST, word: t("Wrong place"),
        text: t("This envelope should not be here. Lay it apart and tell your supervisor.") };
    case "alone":
      return { tone: "warn", sound: "unlisted", shape: HAND, word: t("On its own"),
        text: t("This envelope cannot be taken among others. Lay it aside and scan it by itself afterwards.") };
    case "practice":
      return { tone: "info", sound: "alien", shape: BOOK, word: t("Practice label"),
        text: t("It stands for no envelope and nothing is recorded. If it is on a real envelope, keep that apart and tell your supervisor.") };
    case "not-mine":
      return { tone: "warn", sound: "unlisted", shape: HAND, word: t("Not on your hands"),
        text: t("Only what you hold goes into your bag. Take it over first, or lay it aside.") };
    case "astray":
      return { tone: "bad", sound: "misplaced", shape: SIGNPOST, word: t("Another direction"),
        text: t("This envelope goes to another office than the bag. Lay it aside for its own bag.") };
    case "held":
      return { tone: "bad", sound: "bad", shape: OCTAGON, word: t("Waits for a supervisor"),
        text: t("Its chain has a break. Keep it where it is until a supervisor has decided.") };
    case "extra":
      return { tone: "bad", sound: "misplaced", shape: QUESTION, word: t("One too many"),
        text: t("It was not in the bag when that was closed. Lay it apart; it is recorded with the bag.") };
    case "practised":
      return { tone: "info", sound: "done", shape: BOOK, word: t("Practised"), text: t("Nothing was recorded. In earnest this would be signed by you and entered in the log.") };
    case "undone":
      return { tone: "info", sound: "undone", shape: BACK, word: t("Taken back"),
        text: t("The last scan no longer counts. Scan on.") };
    case "nothing":
      return { tone: "info", sound: "info", shape: SQUARE, word: t("No code found"),
        text: t("Nothing readable in this picture. Take it closer, straight on and without glare.") };
  }
}

/** The state in one line, with the person who answers for the item. */
export function stateLine(item: Item, myId: string): string {
  const holder = item.custodian?.name ?? "?";
  const { offer } = item;
  switch (item.state) {
    case "HELD":
      return item.custodian?.id === myId ? t("In your hands") : t("Held by {name}", { name: holder });
    case "OFFERED":
      if (offer?.taker.id === myId) {
        return t("Offered to you by {name}", { name: offer.giver.name });
      }
      return offer?.giver.id === myId
        ? t("You offered it to {name}", { name: offer.taker.name })
        : t("Offered by {giver} to {taker}", { giver: offer?.giver.name ?? holder, taker: offer?.taker.name ?? "?" });
    case "DELIVERED":
      return t("Delivered");
    case "QUAR":
      return t("Set apart by {name}", { name: holder });
    case "LOST":
      return t("Declared lost");
    case "LOADED":
      return item.is_container ? t("In another bag") : t("In a sealed bag");
    case "EMPTY":
      return t("Opened");
    case "VOID":
      return item.is_container ? t("Put away") : t("Void");
    case "DESTROYED":
      return t("Destroyed");
    default:
      return t("Not in the register");
  }
}

const MAIN: readonly ActionName[] = ["receive", "deliver", "hand_over", "open", "deliver_here", "refuse", "cancel"];

/** At most two big actions, the rest behind "More". */
export function arrange(item: Item): { main: ActionName[]; more: ActionName[] } {
  const main = MAIN.filter((name) => item.actions.includes(name)).slice(0, 2);
  const over: readonly string[] = ["DELIVERED", "VOID", "DESTROYED"];
  if (!main.length && item.actions.includes("report") && !over.includes(item.state)) {
    main.push("report");
  }
  const more = (["deliver_here", "attempt", "refuse", "cancel", "return"] as const).filter((name) => item.actions.includes(name) && !main.includes(name));
  const report: ActionName[] = item.actions.includes("report") && !main.includes("report") ? ["report"] : [];
  return { main, more: [...more, ...report, ...(mayClaim(item) ? (["claim"] as const) : [])] };
}

/** What an action is called, in the words of the one who does it. */
export function actionWord(name: ActionName): string {
  const words: Readonly<Record<ActionName, string>> = {
    receive: t("Receive"),
    deliver: t("Receive for my agency"),
    hand_over: t("Hand over"),
    refuse: t("Refuse"),
    cancel: t("Take back the offer"),
    return: t("Send back"),
    report: t("Report damage or doubt"),
    sight: t("Report damage or doubt"),
    claim: t("I have it without a handover"),
    relabel: t("Replace the label"),
    void: t("Void the item"),
    override: t("Decide as supervisor"),
    open: t("Open the bag"),
    deliver_here: t("Deliver at the door"),
    attempt: t("Could not deliver"),
  };
  return words[name];
}

/** One sentence on what to do now, and one on why. */
export function adviceOf(item: Item): { next: string; why: string; subject: Subject } {
  return { ...nextOf(item), subject: subjectOf(item) };
}

/** What the law says to this item's holder now. */
function subjectOf(item: Item): Subject {
  const first = arrange(item).main[0];
  if (item.held) {
    return "record";
  }
  if (first === "deliver") {
    return isOnlyNamed(item) ? "named" : item.secrecy === 1 ? "covers" : "compare";
  }
  return first === "receive" ? "compare" : first === "report" || !first ? "tracked" : "two-signatures";
}

function nextOf(item: Item): { next: string; why: string } {
  if (item.held) {
    return {
      next: t("Keep it where it is: a supervisor must decide before it goes on."),
      why: t("Its chain has a break. Scans go on, the next handover waits."),
    };
  }
  const first = arrange(item).main[0];
  switch (first) {
    case "receive":
      return {
        next: t("Look at the cover and the seal, type the seal number and sign."),
        why: t("The law wants cover and seal compared with the deliverer before anyone signs."),
      };
    case "deliver":
      return {
        next: t("Look at the cover and the seal, type the seal number and sign for your agency."),
        why: item.secrecy === 1
          ? t("Mark A has two covers. The inner one is opened only by the person it names.")
          : t("The law wants cover and seal compared with the deliverer before anyone signs."),
      };
    case "hand_over":
      return {
        next: t("Choose who takes it. It stays in your name until they sign."),
        why: t("Every handover is entered with the signatures of giver and taker."),
      };
    case "deliver_here":
      return {
        next: t("Let the recipient sign here, or wait until they sign on their own device."),
        why: t("Until then you answer for it."),
      };
    case "cancel":
      return {
        next: t("Wait until {name} signs, or take the offer back.", { name: item.offer?.taker.name ?? "?" }),
        why: t("Until then you answer for it."),
      };
    case "refuse":
      return { next: t("Refuse it with the reason."), why: t("It then stays with the giver.") };
    default:
      return item.state === "DELIVERED"
        ? { next: t("Nothing more to do."), why: t("It has reached its addressee.") }
        : {
          next: t("It is not yours to act on now. If you found it, report it."),
          why: t("Only the one who holds it may hand it on."),
        };
  }
}

function mayClaim(item: Item): boolean {
  const open = item.state === "HELD" || item.state === "OFFERED";
  return open && !item.actions.includes("receive") && !item.actions.includes("deliver") && !item.actions.includes("hand_over")
    && !item.actions.includes("cancel");
}
