/** Item numbers of 13 characters in the form of UPU S10, packed in 6 bytes (docs/spec/label.md, section 1). */

import { type Bytes, uintOf } from "./bytes";
import { NumberError } from "./errors";

const WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7];
const SERIALS = 100_000_000;
const LETTERS = 26 * 26;
const CONTAINER_SERVICE = 25 * 26 + 1; // ZB

/** C = 11 - (S mod 11), with 10 -> 0 and 11 -> 5. */
export function checkDigit(serial: string): number {
  const total = WEIGHTS.reduce((sum, weight, index) => sum + weight * Number(serial[index]), 0);
  const digit = 11 - (total % 11);
  return digit === 10 ? 0 : digit === 11 ? 5 : digit;
}

/** The number of 6 packed bytes; throws NumberError for a value that no number packs to. */
export function unpackNumber(item: Bytes): string {
  if (item.length !== 6) {
    throw new NumberError(`item of ${item.length} bytes, not 6`);
  }
  const value = uintOf(item);
  const letters = Math.floor(value / SERIALS);
  const service = Math.floor(letters / LETTERS);
  if (service >= LETTERS) {
    throw new NumberError("item is above the last number");
  }
  const serial = String(value % SERIALS).padStart(8, "0");
  return `${pair(service)}${serial}${checkDigit(serial)}${pair(letters % LETTERS)}`;
}

/** The number inside a uid of 8 bytes. */
export function numberOfUid(uid: Bytes): string {
  return unpackNumber(uid.slice(0, 6));
}

/** Whether a uid is of the numbers that containers have: service indicator ZB. */
export function isContainer(uid: Bytes): boolean {
  return Math.floor(uintOf(uid.slice(0, 6)) / (LETTERS * SERIALS)) === CONTAINER_SERVICE;
}

/** In groups for the eye: "ZK 4731 2482 9 VN". */
export function groupNumber(number: string): string {
  return [number.slice(0, 2), number.slice(2, 6), number.slice(6, 10), number.slice(10, 11), number.slice(11)].join(" ");
}

function pair(value: number): string {
  return String.fromCharCode(65 + Math.floor(value / 26), 65 + (value % 26));
}
