/** What a person has signed in this shift, and how much of it has arrived. A shift begins where the last one ended. */

import { honestClock } from "./dayclock";
import type { Session } from "./session";
import { all, byArrival, get, type OutboxEntry, saidOf, setSetting, type StoredKey, type StoredReceipt } from "./store";

const LONGEST_MS = 24 * 3_600_000;

export interface ShiftState {
  readonly signed: number;
  readonly confirmed: number;
  readonly waiting: readonly OutboxEntry[];
  readonly refused: readonly OutboxEntry[];
  readonly isKept: boolean; // the browser has promised not to drop what it keeps
}

/** A report of the device itself, about no item: it is sent like the others, and not counted. */
function isAct(entry: Pick<OutboxEntry, "number">): boolean {
  return entry.number !== "";
}

export async function shiftState(session: Session): Promise<ShiftState> {
  const { kid } = session.key;
  const sinceMs = await shiftSince(session);
  const own = (await all<OutboxEntry>("outbox")).filter((entry) => entry.kid === kid && isAct(entry)).sort(byArrival);
  const receipts = (await all<StoredReceipt>("receipts")).filter((one) => one.kid === kid && one.storedMs >= sinceMs && isAct(one));
  const [waiting, refused] = [own.filter((one) => one.status === "waiting"), own.filter((one) => one.status === "refused" && !saidOf(one).length)];
  return {
    signed: receipts.length + waiting.length + refused.length,
    confirmed: receipts.length,
    waiting,
    refused,
    isKept: (await navigator.storage?.persisted?.().catch(() => false)) ?? false,
  };
}

/** Whether the newest event of this key is already a report of how far its chain has come. */
export async function headIsSigned(session: Session): Promise<boolean> {
  const key = await get<StoredKey>("keys", session.key.id);
  return key?.dseq === 0 || (await get<Ended>("settings", "shift-ended"))?.[session.key.kid]?.dseq === key?.dseq;
}

/** The report is signed: what comes from now on belongs to the next shift. */
export async function noteHead(session: Session): Promise<void> {
  const key = await get<StoredKey>("keys", session.key.id);
  const ended = (await get<Ended>("settings", "shift-ended")) ?? {};
  await setSetting("shift-ended", { ...ended, [session.key.kid]: { dseq: key?.dseq ?? 0, ms: honestClock().now().ms, sinceMs: await shiftSince(session) } });
}

/** Since when what was signed is counted: the last end of a shift, and a day at most. An ended one stays until more is signed. */
async function shiftSince(session: Session): Promise<number> {
  const nowMs = honestClock().now().ms;
  const ended = (await get<Ended>("settings", "shift-ended"))?.[session.key.kid];
  const key = await get<StoredKey>("keys", session.key.id);
  const sinceMs = ended && ended.dseq === key?.dseq ? ended.sinceMs : ended?.ms ?? 0;
  return Math.max(sinceMs, nowMs - LONGEST_MS);
}

/** kid -> where its chain was when the shift ended, when that was, and since when that shift had counted. */
type Ended = Readonly<Record<string, { readonly dseq: number; readonly ms: number; readonly sinceMs: number }>>;
