/** The manifest of a bag: a tree over one salted leaf for each thing inside (docs/spec/container.md). Pure. */

import { leafHash, nodeHash } from "../../../verifier/src/merkle";
import { type Bytes, concat } from "../bytes";

const EMPTY = new Uint8Array(0);

/** Where something stood in its own chain when it went in, or, never put in, where it stands now; and its salt. */
export interface Leaf {
  readonly uid: Bytes;
  readonly seq: number; // of its LOAD or UNLOAD
  readonly prev: Bytes;
  readonly salt: Bytes; // 16 bytes, random
}

export function leafOf({ uid, seq, prev, salt }: Leaf): Bytes {
  return leafHash(concat(salt, uid, Uint8Array.of(seq >> 8, seq & 0xff), prev));
}

/** RFC 6962 root of *hashes*. */
export function rootOf(hashes: readonly Bytes[]): Bytes {
  if (hashes.length < 2) {
    return hashes[0] ?? leafHash(EMPTY);
  }
  const at = split(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, at)), rootOf(hashes.slice(at)));
}

/** Inclusion path of the hash at *position*, the nearest sibling first. */
export function pathOf(position: number, hashes: readonly Bytes[]): Bytes[] {
  if (hashes.length < 2) {
    return [];
  }
  const at = split(hashes.length);
  return position < at
    ? [...pathOf(position, hashes.slice(0, at)), rootOf(hashes.slice(at))]
    : [...pathOf(position - at, hashes.slice(at)), rootOf(hashes.slice(0, at))];
}

/** MANIFEST of *leaves*, and LEAF of each. */
export function manifestOf(leaves: readonly Leaf[]): { readonly manifest: [Bytes, number]; readonly proofs: [number, Bytes, Bytes[]][] } {
  const hashes = leaves.map(leafOf);
  return {
    manifest: [rootOf(hashes), leaves.length],
    proofs: leaves.map(({ salt }, position) => [position, salt, pathOf(position, hashes)]),
  };
}

/** The largest power of two below *size*. */
function split(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}
