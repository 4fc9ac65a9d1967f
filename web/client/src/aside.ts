/**
 * What the log has only the digest of, on its way to the service: kept on the disk before its event is signed, and
 * sent once the log has that. What the service will never take stays here and is listed, as a refused event is.
 */

import { postJson, Problem, Unreachable } from "./api";
import { sha256, toHex, utf8 } from "./bytes";
import { readEvent } from "./day";
import { honestClock } from "./dayclock";
import { explain } from "./explain";
import { F } from "../../verifier/src/fields";
import { all, allIn, asked, get, type OutboxEntry, type Said, saidOf, StorageFullError, type StoredReceipt, write } from "./store";

const MOST = 200;
const UNSIGNED_MS = 24 * 3_600_000; // what nobody has signed for by then was given up

export interface Aside {
  readonly number: string; // of the item
  readonly text: string; // exactly as the digest covers it
  readonly signer: string; // id of who signs the event: only they may send it
  readonly atMs?: number; // when it was kept
  readonly problem?: string; // why the service will never take it
  readonly said?: readonly Said[]; // what a person says of that
}

/** What became of the event that has a text's digest. */
type Standing = "unsigned" | "waiting" | "refused" | "stored";

export class Asides {
  /** *name* is that of the list on this device, of the address under the item, and of the field that takes the text. */
  constructor(private readonly name: string, private readonly address: string, private readonly field: string) {}

  /** Keep a text; its digest in the log would be worth nothing without it. Throws StorageFullError: none is pushed out. */
  async keep(one: Aside): Promise<void> {
    const [atMs, done] = [honestClock().now().ms, await this.done()];
    await this.change((kept) => {
      const over = kept.length + 1 - MOST;
      const settled = kept.filter(({ text, said }) => said?.length || done.has(text)).slice(0, Math.max(0, over));
      if (settled.length < over) {
        throw new StorageFullError(`${kept.length} of ${this.name} wait already`);
      }
      return [...kept.filter((old) => !settled.includes(old)), { ...one, atMs }];
    });
  }

  /** Send what waits, as *signer*: what the service has is let go of. Returns what it refused, which stays here. */
  async send(signer: string): Promise<Problem[]> {
    return navigator.locks.request(`tram-${this.name}`, async () => {
      const refused: Problem[] = [];
      for (const one of (await this.kept()).filter((other) => other.signer === signer && !other.problem)) {
        const standing = await standingOf(one);
        const answer = standing === "stored" ? await this.post(one) : standing === "unsigned" && isGivenUp(one) ? "taken" : "later";
        if (answer instanceof Problem) {
          refused.push(answer);
          await this.change((kept) => kept.map((other) => (other.text === one.text ? { ...other, problem: explain(answer) } : other)));
        } else if (answer === "taken") {
          await this.change((kept) => kept.filter(({ text }) => text !== one.text));
        }
      }
      return refused;
    });
  }

  /** What the service will never take, and nobody has explained yet. */
  async refused(): Promise<Aside[]> {
    return (await this.kept()).filter(({ problem, said }) => problem && !said?.length);
  }

  /** How many of *signer* are signed for, and not with the service yet. */
  async waiting(signer: string): Promise<number> {
    const own = (await this.kept()).filter((one) => one.signer === signer && !one.problem);
    const standings = await Promise.all(own.map(standingOf));
    return standings.filter((standing) => standing === "waiting" || standing === "stored").length;
  }

  /** A person says what a refused one was about: it leaves the list, and is kept with what was said. */
  async explain(text: string, word: Said): Promise<void> {
    await this.change((kept) => kept.map((one) => (one.text === text && one.problem ? { ...one, said: [...(one.said ?? []), word] } : one)));
  }

  /** Try a refused one once more with the next `send`: what refused it may have been put right. */
  async again(text: string): Promise<void> {
    await this.change((kept) => kept.map((one) => {
      const { problem: _, ...open } = one;
      return one.text === text ? open : one;
    }));
  }

  /** Texts whose event was refused, and explained: nobody will ask for them. Looked for only where room is short. */
  private async done(): Promise<ReadonlySet<string>> {
    const kept = await this.kept();
    if (kept.length < MOST) {
      return new Set();
    }
    const explained = (await all<OutboxEntry>("outbox")).filter((entry) => entry.status === "refused" && saidOf(entry).length);
    const digests = new Set(explained.flatMap(readEvent).flatMap((event) => event.hexes(F.ATTACH)));
    const texts = await Promise.all(kept.map(async ({ text }) => (digests.has(toHex(await sha256(utf8(text)))) ? [text] : [])));
    return new Set(texts.flat());
  }

  /** In one transaction: what is kept while another is sent is not lost. */
  private async change(work: (kept: readonly Aside[]) => readonly Aside[]): Promise<void> {
    await write(["settings"], async (transaction) => {
      const settings = transaction.objectStore("settings");
      settings.put(work((await asked<Aside[] | undefined>(settings.get(this.name))) ?? []), this.name);
    });
  }

  private async kept(): Promise<readonly Aside[]> {
    return (await get<Aside[]>("settings", this.name)) ?? [];
  }

  /** Its event is in the log: what the service now says of the text itself holds for good. */
  private async post({ number, text }: Aside): Promise<"taken" | "later" | Problem> {
    try {
      await postJson(`/api/v1/items/${number}/${this.address}`, { [this.field]: text });
      return "taken";
    } catch (error) {
      if (error instanceof Problem) {
        return error.code && [400, 404, 409, 413, 422].includes(error.status) ? error : "later"; // without a code: a proxy's word
      }
      if (error instanceof Unreachable) {
        return "later";
      }
      throw error;
    }
  }
}

function isGivenUp({ atMs }: Aside): boolean {
  return atMs !== undefined && honestClock().now().ms - atMs > UNSIGNED_MS;
}

async function standingOf({ number, text }: Aside): Promise<Standing> {
  const digest = toHex(await sha256(utf8(text)));
  const covers = (entry: Pick<OutboxEntry, "id" | "raw">): boolean => readEvent(entry).some((event) => event.hexes(F.ATTACH).includes(digest));
  if ((await allIn<StoredReceipt>("receipts", IDBKeyRange.only(number), "number")).some(covers)) {
    return "stored";
  }
  return (await all<OutboxEntry>("outbox")).find(covers)?.status ?? "unsigned";
}
