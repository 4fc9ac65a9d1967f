/** Numbers of paper slips: "P000000014", the last digit being the check digit of UPU S10; the same as kt1/slips.py. */

import { checkDigit } from "../s10";

const FORM = /^P?(\d{8})(\d)$/;

/** The number in its one form; null for what is none, or was misread. */
export function readSlip(text: string): string | null {
  const match = FORM.exec(text.replace(/\s/g, "").toUpperCase());
  const [, serial = "", check = ""] = match ?? [];
  return match && text.trim().toUpperCase().startsWith("P") && checkDigit(serial) === Number(check) ? `P${serial}${check}` : null;
}

/** What stood on a slip, as the text that the signed event's digest covers. */
export function recordText(record: {
  readonly slip: string;
  readonly item: string;
  readonly how: "delivered" | "handed";
  readonly giver: string;
  readonly taker: string;
  readonly at: string; // local time, to the minute
}): string {
  const { slip, item, how, giver, taker, at } = record;
  return JSON.stringify({ v: 1, slip, item, how, giver, taker, at });
}
