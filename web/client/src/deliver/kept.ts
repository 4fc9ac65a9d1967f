/** Drawings on their way: kept on the disk before the delivery is signed, and sent once the log has that. */

import { postJson, Problem, Unreachable } from "../api";
import { get, setSetting } from "../store";

const KEY = "glass";
const MOST = 200;

interface Kept {
  readonly number: string;
  readonly drawing: string;
  readonly signer: string; // id of who signs the delivery: only they may send it
}

/** Keep a drawing; the digest in the log would be worth nothing without it. */
export async function keepDrawing(drawing: Kept): Promise<void> {
  const kept = (await get<Kept[]>("settings", KEY)) ?? [];
  await setSetting(KEY, [...kept, drawing].slice(-MOST));
}

/** Send what waits, as *signer*: what the service has, or will never take, is let go of. */
export async function sendDrawings(signer: string): Promise<void> {
  await navigator.locks.request("tram-glass", async () => {
    for (const one of (await get<Kept[]>("settings", KEY)) ?? []) {
      if (one.signer === signer && (await isSettled(one))) {
        const rest = (await get<Kept[]>("settings", KEY)) ?? [];
        await setSetting(KEY, rest.filter(({ drawing }) => drawing !== one.drawing));
      }
    }
  });
}

async function isSettled({ number, drawing }: Kept): Promise<boolean> {
  try {
    await postJson(`/api/v1/items/${number}/glass`, { drawing });
    return true;
  } catch (error) {
    if (error instanceof Problem) {
      return error.status === 400 || error.status === 404; // 409: its delivery is not in the log yet
    }
    if (error instanceof Unreachable) {
      return false;
    }
    throw error;
  }
}
