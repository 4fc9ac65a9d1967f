/** Item numbers of 13 characters in the form of UPU S10: "ZK473124829VN". */

import { type Bytes, fromBigInt, toBigInt } from "./bytes";

const WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7]; // UPU S10, check digit
const FORM = /^([A-Z]{2})([0-9]{8})([0-9])([A-Z]{2})$/;
const SERIALS = 100_000_000n;
const LETTERS = 676n;

export class NumberError extends Error {}

/** C = 11 - (S mod 11), with 10 -> 0 and 11 -> 5. */
export function checkDigit(serial: string): number {
  const total = WEIGHTS.reduce((sum, weight, index) => sum + weight * Number(serial[index]), 0);
  const digit = 11 - (total % 11);
  return digit === 10 ? 0 : digit === 11 ? 5 : digit;
}

/** The number in 6 bytes; throws NumberError for a wrong form or check digit. */
export function packNumber(number: string): Bytes {
  const match = FORM.exec(number);
  if (!match) {
    throw new NumberError(`${JSON.stringify(number)} is not two letters, nine digits, two letters`);
  }
  const [, service = "", serial = "", check = "", country = ""] = match;
  if (checkDigit(serial) !== Number(check)) {
    throw new NumberError(`check digit of ${number} should be ${checkDigit(serial)}`);
  }
  return fromBigInt((pair(service) * LETTERS + pair(country)) * SERIALS + BigInt(serial), 6);
}

/** The 13-character number of 6 packed bytes; throws NumberError for a value no number packs to. */
export function unpackNumber(item: Bytes): string {
  const value = toBigInt(item);
  const serial = (value % SERIALS).toString().padStart(8, "0");
  const service = value / SERIALS / LETTERS;
  if (item.length !== 6 || service >= LETTERS) {
    throw new NumberError(`item of ${item.length} bytes is no packed number`);
  }
  return `${letters(service)}${serial}${checkDigit(serial)}${letters((value / SERIALS) % LETTERS)}`;
}

/** What was typed or read under the bars, as a number; null where it cannot be one. */
export function readNumber(text: string): string | null {
  const number = text.toUpperCase().replace(/[\s.-]/g, "");
  try {
    packNumber(number);
    return number;
  } catch {
    return null;
  }
}

/** In groups for the eye: "ZK 4731 2482 9 VN". */
export function groupNumber(number: string): string {
  return [number.slice(0, 2), number.slice(2, 6), number.slice(6, 10), number.slice(10, 11), number.slice(11)].join(" ");
}

function pair(two: string): bigint {
  return BigInt((two.charCodeAt(0) - 65) * 26 + two.charCodeAt(1) - 65);
}

function letters(value: bigint): string {
  return String.fromCharCode(65 + Number(value / 26n), 65 + Number(value % 26n));
}
