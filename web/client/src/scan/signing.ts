/** Signed, kept and sent: one event or several in one go, and what became of each. */

import { behind } from "../behind";
import { type Bytes, fromHex, toHex } from "../bytes";
import { type Draft, recordAll } from "../device";
import { lockAndThrow } from "../lock";
import type { Outbox, Outcome } from "../outbox";
import { confirmPerson, refreshAnchor, type Session } from "../session";

/** What of an item a new event builds on; a number's head as text is of one that the person may open. */
export type Target = { readonly number: string; readonly seq: number; readonly uid: string | Bytes; readonly head: string | Bytes };

export interface Signed {
  readonly id: string; // of the event
  readonly outcome: Outcome;
}

/** Where signatures go. At practice `sign` takes them, and nothing is kept or sent. */
export interface Signing {
  readonly session: Session;
  readonly outbox: Outbox;
  readonly place: number;
  readonly sign?: (drafts: readonly Draft[]) => Promise<Signed[]>;
}

/** The draft of an event of *target*, at the place of *desk*. */
export function draftOf(desk: Pick<Signing, "place">, target: Target, what: Pick<Draft, "type" | "title" | "extra" | "second">): Draft {
  const bytes = (value: string | Bytes): Bytes => (typeof value === "string" ? fromHex(value) : value);
  return { ...what, number: target.number, place: desk.place, uid: bytes(target.uid), seq: target.seq + 1, prev: bytes(target.head) };
}

/** Sign *drafts* as the person who is signed in: all of them are kept, or none; then send them. */
export function signAndKeep(desk: Signing, drafts: readonly Draft[]): Promise<Signed[]> {
  return signInTurn(desk, drafts.map((draft) => () => draft));
}

function outcomeOf(outbox: Outbox, id: string, reason: string): Promise<Outcome> {
  return outbox.outcomeOf(id, reason).catch((): Outcome => ({ kind: "waiting", reason }));
}

/** The same for events of which a later one cites an earlier one: each is made of the ids of those before it. */
export async function signInTurn(desk: Signing, steps: readonly ((earlier: readonly Bytes[]) => Draft)[]): Promise<Signed[]> {
  if (desk.sign) {
    return desk.sign(steps.map((step, index) => step(Array.from({ length: index }, () => new Uint8Array(32)))));
  }
  await confirmPerson(desk.session).catch(lockAndThrow);
  const ids = (await recordAll(desk.session, steps)).map(toHex);
  // signed and kept: nothing that goes wrong from here on may be told as if it were not
  const reason = (await desk.outbox.flushSoon().catch(() => "not-sent")) ?? "";
  const signed = await Promise.all(ids.map(async (id) => ({ id, outcome: await outcomeOf(desk.outbox, id, reason) })));
  behind(refreshAnchor(desk.session));
  return signed;
}
