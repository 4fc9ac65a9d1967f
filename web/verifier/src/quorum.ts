/** Whom to believe about a log (C2SP tlog-policy): its keys, its witnesses, and how many of them must have signed. */

import { utf8 } from "./bytes";
import { CustodyError, FormatError } from "./errors";
import { COSIGNATURE, ED25519, type NoteKey, openNote, parseVkey, verifyNote } from "./note";

const NO_QUORUM = "none";
const MAX_BYTES = 200_000;
const MAX_NAMES = 256;

interface Group {
  readonly least: number;
  readonly members: readonly string[];
}

/** A policy, as read: keys of logs, witnesses and groups by name in the order of the file, and the one that decides. */
export class TrustPolicy {
  readonly logs: NoteKey[] = [];
  readonly witnesses = new Map<string, NoteKey>();
  readonly groups = new Map<string, Group>();
  quorum = "";

  /** Whether the witnesses named *signed* are enough. */
  isMet(signed: ReadonlySet<string>): boolean {
    if (this.quorum === NO_QUORUM) {
      return true;
    }
    const has = new Set([...this.witnesses.keys()].filter((name) => signed.has(name)));
    for (const [name, { least, members }] of this.groups) {
      if (members.filter((member) => has.has(member)).length >= least) {
        has.add(name);
      }
    }
    return has.has(this.quorum);
  }

  /** The witnesses whose cosignatures on a signed note hold; throws ProofError M02 where one of theirs does not. */
  async cosigners(text: string): Promise<Set<string>> {
    const note = openNote(text);
    const signed = new Set<string>();
    for (const [name, key] of this.witnesses) {
      if (note.lines.some((line) => line.name === key.name && line.id === key.id)) {
        await verifyNote(note, key);
        signed.add(name);
      }
    }
    return signed;
  }
}

/** The policy of a file's text; throws FormatError. */
export function parsePolicy(text: string): TrustPolicy {
  if (utf8(text).length > MAX_BYTES) {
    throw wrong(0, `longer than ${MAX_BYTES} bytes`);
  }
  const policy = new TrustPolicy();
  text.split("\n").forEach((line, index) => {
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(line)) {
      throw wrong(index + 1, "a control character");
    }
    const words = line.replace(/^[ \t]+|[ \t]+$/g, "").split(/[ \t]+/);
    if (words[0] !== "" && !words[0]?.startsWith("#")) {
      take(policy, words, index + 1);
    }
  });
  if (!policy.quorum) {
    throw wrong(0, "no quorum line");
  }
  return policy;
}

function wrong(line: number, what: string): FormatError {
  return new FormatError(`policy: ${line ? `line ${line}: ` : ""}${what}`);
}

function take(policy: TrustPolicy, words: readonly string[], line: number): void {
  const [kind, name = "", third = "", ...rest] = words;
  if (kind === "log" && (words.length === 2 || words.length === 3)) {
    policy.logs.push(keyOf(name, ED25519, policy.logs, line));
  } else if (kind === "witness" && (words.length === 3 || words.length === 4)) {
    free(policy, name, line);
    policy.witnesses.set(name, keyOf(third, COSIGNATURE, [...policy.witnesses.values()], line));
  } else if (kind === "group" && rest.length) {
    free(policy, name, line);
    policy.groups.set(name, groupOf(policy, third, rest, line));
  } else if (kind === "quorum" && words.length === 2) {
    if (policy.quorum || (name !== NO_QUORUM && !policy.witnesses.has(name) && !policy.groups.has(name))) {
      throw wrong(line, "a second quorum, or one that no line before names");
    }
    policy.quorum = name;
  } else {
    throw wrong(line, "no line of a policy");
  }
}

function keyOf(vkey: string, kind: number, others: readonly NoteKey[], line: number): NoteKey {
  let key: NoteKey;
  try {
    key = parseVkey(vkey);
  } catch (error) {
    throw error instanceof CustodyError ? wrong(line, error.message) : error;
  }
  if (key.kind !== kind || others.some((other) => String(other.key) === String(key.key))) {
    throw wrong(line, "a key of another kind, or one that is there already");
  }
  return key;
}

function free(policy: TrustPolicy, name: string, line: number): void {
  const names = [...policy.witnesses.keys(), ...policy.groups.keys()];
  if (name === NO_QUORUM || names.includes(name) || names.length >= MAX_NAMES) {
    throw wrong(line, "a name that is taken, or one too many");
  }
}

function groupOf(policy: TrustPolicy, least: string, members: readonly string[], line: number): Group {
  const used = [...policy.groups.values()].flatMap((group) => group.members);
  const isOpen = (name: string): boolean => (policy.witnesses.has(name) || policy.groups.has(name)) && !used.includes(name);
  if (!members.every(isOpen) || new Set(members).size !== members.length) {
    throw wrong(line, "a member that no line before names, or one that is a member already");
  }
  if (least === "any" || least === "all") {
    return { least: least === "any" ? 1 : members.length, members };
  }
  if (!/^[1-9][0-9]{0,3}$/.test(least) || Number(least) > members.length) {
    throw wrong(line, `${least} of ${members.length} members is no threshold`);
  }
  return { least: Number(least), members };
}
