/** Merkle proofs of RFC 6962, verified after RFC 9162 (2.1.3.2 and 2.1.4.2). Positions are bigint: no log is too long. */

import { type Bytes, equal } from "./bytes";
import { ProofError } from "./errors";
import { sha256 } from "./sha256";

const HASH = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const EMPTY_ROOT = sha256();

export function leafHash(entry: Bytes): Bytes {
  return sha256(LEAF, entry);
}

export function nodeHash(left: Bytes, right: Bytes): Bytes {
  return sha256(NODE, left, right);
}

/** The root that a proof implies; throws ProofError M01. */
export function rootFromInclusion(index: bigint, size: bigint, leaf: Bytes, proof: readonly Bytes[]): Bytes {
  if (index < 0n || index >= size) {
    throw new ProofError(`position ${index} is outside a tree of ${size}`, "M01");
  }
  if ([leaf, ...proof].some((hash) => hash.length !== HASH)) {
    throw new ProofError("a hash is not 32 bytes", "M01");
  }
  const inner = bitLength(index ^ (size - 1n));
  const border = (index >> BigInt(inner)).toString(2).replaceAll("0", "").length;
  if (proof.length !== inner + border) {
    throw new ProofError(`proof of ${proof.length} hashes, not ${inner + border}`, "M01");
  }
  return proof.reduce((node, sibling, level) => {
    const isRight = level >= inner || ((index >> BigInt(level)) & 1n) === 1n;
    return isRight ? nodeHash(sibling, node) : nodeHash(node, sibling);
  }, leaf);
}

/** Throws ProofError M01 where *leaf* does not stand at *index* under *root*. */
export function verifyInclusion(index: bigint, size: bigint, leaf: Bytes, proof: readonly Bytes[], root: Bytes): void {
  if (!equal(rootFromInclusion(index, size, leaf, proof), root)) {
    throw new ProofError(`leaf ${index} is not under the root of ${size}`, "M01");
  }
}

/** Throws ProofError M04 where the tree of *root1* is not a prefix of that of *root2*; of size 0 nothing can be. */
export function verifyConsistency(size1: bigint, size2: bigint, proof: readonly Bytes[], root1: Bytes, root2: Bytes): void {
  if (size1 === 0n && (size2 !== 0n || !equal(root2, EMPTY_ROOT))) {
    throw new ProofError("nothing can be proven from an empty tree", "M04");
  }
  if (size1 > size2) {
    throw new ProofError(`a tree of ${size1} is no part of ${size2} leaves`, "M04");
  }
  if (size1 === size2) {
    if (proof.length || !equal(root1, root2)) {
      throw new ProofError(`two roots for ${size1} leaves, or a proof where none is due`, "M04");
    }
    return;
  }
  if ([...proof, root1, root2].some((hash) => hash.length !== HASH)) {
    throw new ProofError("a hash is not 32 bytes", "M04");
  }
  const [old, grown] = walk(size1, size2, proof, root1);
  if (!equal(old, root1) || !equal(grown, root2)) {
    throw new ProofError(`the tree of ${size1} is not part of the tree of ${size2}`, "M04");
  }
}

/** Both roots that a consistency proof implies; fn and sn of the RFC are *last* and *end*. */
function walk(size1: bigint, size2: bigint, proof: readonly Bytes[], root1: Bytes): [Bytes, Bytes] {
  let last = size1 - 1n;
  let end = size2 - 1n;
  while (last & 1n) {
    last >>= 1n;
    end >>= 1n;
  }
  const [first, ...rest] = last ? proof : [root1, ...proof];
  if (!first) {
    throw new ProofError("proof is empty", "M04");
  }
  let [old, grown] = [first, first];
  for (const sibling of rest) {
    if (!end) {
      throw new ProofError("proof is too long", "M04");
    }
    if (last & 1n || last === end) {
      old = nodeHash(sibling, old);
      grown = nodeHash(sibling, grown);
      while (last && !(last & 1n)) {
        last >>= 1n;
        end >>= 1n;
      }
    } else {
      grown = nodeHash(grown, sibling);
    }
    last >>= 1n;
    end >>= 1n;
  }
  if (end) {
    throw new ProofError("proof is too short", "M04");
  }
  return [old, grown];
}

function bitLength(value: bigint): number {
  return value ? value.toString(2).length : 0;
}
