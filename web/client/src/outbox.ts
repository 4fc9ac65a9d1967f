/**
 * The outbox: every signed event waits here until an answer names it. Sending twice is harmless, the service
 * knows an event by its id. A refused event moves to a visible list; nothing is dropped silently.
 */

import { ask, Problem, postJson, Unreachable } from "./api";
import { behind } from "./behind";
import { sha256, toBase64Url, toHex } from "./bytes";
import { entryId } from "./cose";
import { honestClock, type Moment } from "./dayclock";
import { t } from "./i18n";
import { type RefusedPaper, refusedPapers, sendPapers } from "./papers";
import { refusePractice } from "./practice/net";
import { all, asked, byArrival, type OutboxEntry, type Said, saidOf, StorageFullError, type StoredReceipt, write } from "./store";

/** The reason of an event that waits because nobody is signed in here. */
export const SIGNED_OUT = "signed-out";

const BATCH = 100;
const TOO_LARGE = 413;
const MOST_PASSED = 3; // more of them: it lets nothing through
const SOON_MS = 6_000; // a person waits no longer to hear what became of what they signed
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 120_000;

/** What the service says of one event. */
export interface Verdict {
  readonly id: string;
  readonly status: "stored" | "duplicate" | "refused";
  readonly index: number | null;
  readonly findings: readonly string[];
  readonly receipt: string | null;
  readonly error: unknown;
}

/** What became of an event as far as this device knows. */
export type Outcome =
  | { readonly kind: "stored"; readonly index: number; readonly findings: readonly string[]; readonly receipt: string }
  | { readonly kind: "waiting"; readonly reason: string; readonly at?: Pick<Moment, "ms" | "uncertaintyMs"> }
  | { readonly kind: "practised" } // of practice: neither kept nor sent
  | { readonly kind: "refused"; readonly problem: string };

export interface OutboxState {
  readonly waiting: number;
  readonly oldestMs: number;
  readonly refused: readonly OutboxEntry[]; // and not explained yet
  readonly explained: readonly OutboxEntry[];
  readonly papers: readonly RefusedPaper[]; // what goes beside events, and was refused
  readonly signers: readonly string[]; // whose waiting events these are
}

/** "Waiting: 3, oldest 14 min"; events that another than *me* signed are named as theirs. */
export function waitingWords(state: Pick<OutboxState, "waiting" | "oldestMs" | "signers">, me: string, nowMs = honestClock().now().ms): string {
  const minutes = Math.max(0, Math.round((nowMs - state.oldestMs) / 60_000));
  const values = { n: state.waiting, m: minutes, names: state.signers.join(", ") };
  return state.signers.some((name) => name !== me)
    ? t("Waiting: {n}, oldest {m} min, signed by {names}", values)
    : t("Waiting: {n}, oldest {m} min", values);
}

/** The wait before attempt *n* (1, 2, ...), doubling with up to a third of jitter. */
export function backOffMs(attempt: number, random: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10)) * (1 + random / 3);
}

/** Of every outbox of this page: the header's and the scan page's show the same. */
const listeners = new Set<() => void>();

export class Outbox {
  private attempts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly net: string) {}

  /** Begin sending what was left, now and whenever the network returns. */
  start(): void {
    globalThis.addEventListener?.("online", () => behind(this.flush()));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") {
        behind(this.flush());
      }
    });
    behind(this.flush());
  }

  /** Tell *listener* now and after every change, until the function that is returned is called. */
  onChange(listener: (state: OutboxState) => void): () => void {
    const tell = (): void => behind(this.state().then(listener));
    listeners.add(tell);
    tell();
    return () => void listeners.delete(tell);
  }

  async state(): Promise<OutboxState> {
    const entries = await this.entries();
    const waiting = entries.filter((entry) => entry.status === "waiting");
    return {
      waiting: waiting.length,
      oldestMs: Math.min(...waiting.map((entry) => entry.createdMs), Number.POSITIVE_INFINITY),
      refused: entries.filter((entry) => entry.status === "refused" && !saidOf(entry).length),
      explained: entries.filter((entry) => entry.status === "refused" && saidOf(entry).length),
      papers: await refusedPapers(),
      signers: [...new Set(waiting.map((entry) => entry.signer ?? "?"))],
    };
  }

  /** Send now, and say what became of *id*. Never throws for the network: then it is still waiting. */
  async send(id: string): Promise<Outcome> {
    return this.outcomeOf(id, (await this.flushSoon()) ?? "");
  }

  /** As `flush`, but whoever waits for it waits some seconds at most: the sending goes on behind it. */
  async flushSoon(): Promise<string | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve("offline"), SOON_MS);
    });
    try {
      return await Promise.race([this.flush(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What became of *id* so far; *reason* is why it may still wait. */
  async outcomeOf(id: string, reason = ""): Promise<Outcome> {
    const receipt = (await all<StoredReceipt>("receipts")).find((kept) => kept.id === id);
    if (receipt) {
      return { kind: "stored", index: receipt.index, findings: receipt.findings, receipt: receipt.receipt };
    }
    const entry = (await this.entries()).find((kept) => kept.id === id);
    return entry?.status === "refused"
      ? { kind: "refused", problem: entry.problem }
      : { kind: "waiting", reason, ...(entry ? { at: { ms: entry.createdMs, uncertaintyMs: entry.uncertaintyMs ?? 0 } } : {}) };
  }

  /** Send all that waits, oldest first, one tab at a time. The reason where something is left, or null. */
  async flush(): Promise<string | null> {
    clearTimeout(this.timer);
    const reason = await navigator.locks.request("tram-outbox", async () => (await this.sendAll()) ?? this.tellExplained());
    changed();
    if (reason === null) {
      this.attempts = 0;
    } else {
      this.attempts += 1;
      clearTimeout(this.timer); // of another attempt that ended meanwhile
      this.timer = setTimeout(() => behind(this.flush()), backOffMs(this.attempts, Math.random()));
    }
    return reason;
  }

  /**
   * A person says what a refused event was about: it leaves the list, and is kept with all that was said. The service is
   * told as well, in its record of attempts; an event cannot say it, where none of this one's came in.
   */
  async explain(id: string, text: string, place: number): Promise<void> {
    await write(["outbox"], async (transaction) => {
      const store = transaction.objectStore("outbox");
      const entry = await asked<OutboxEntry | undefined>(store.get(id));
      if (entry?.status === "refused") {
        const said = [...saidOf(entry), { text, place, atMs: honestClock().now().ms }];
        store.put({ ...entry, said, explained: text, place, told: false });
      }
    });
    changed();
    behind(this.flush());
  }

  /** The same of what goes beside an event, and was refused: it is kept with what was said. */
  async explainPaper(paper: RefusedPaper, text: string, place: number): Promise<void> {
    await paper.explain(text, place);
    changed();
  }

  /** Send a refused one of *signer* once more. */
  async sendAgain(paper: RefusedPaper, signer: string): Promise<void> {
    await paper.again();
    await sendPapers(signer);
    changed();
  }

  /** Send what goes beside events, as *signer*: after those. */
  async sendPapers(signer: string): Promise<void> {
    if (await sendPapers(signer)) {
      changed();
    }
  }

  /** Everything that no answer has named, as the body of `POST /api/v1/events`: for a device that is about to fail. */
  async exported(): Promise<{ readonly entries: string[] }> {
    const waiting = (await this.entries()).filter((entry) => entry.status === "waiting");
    return { entries: waiting.map((entry) => toBase64Url(entry.raw)) };
  }

  /** Tell of what other parts of this page have put into the outbox. */
  touch(): void {
    changed();
    behind(this.flush());
  }

  /** Tell the service what was said of refused events; it knows of the refusals themselves. */
  private async tellExplained(): Promise<string | null> {
    const open = (await this.entries()).flatMap((entry) => saidOf(entry).filter(({ told }) => !told).map((word) => [entry, word] as const));
    for (const [entry, word] of open) {
      const text = `${entry.number} ${entry.title}: ${word.text}`.slice(0, 500);
      try {
        await ask("/api/v1/refusals", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ entry: toHex(await sha256(entry.raw)), text, place: word.place }),
        });
      } catch (error) {
        if (error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || error.status === 401 || error.status === 429))) {
          return reasonOf(error);
        }
        if (!(error instanceof Problem)) {
          throw error;
        }
      }
      await noteTold(entry.id, word);
    }
    return null;
  }

  private async sendAll(): Promise<string | null> {
    refusePractice(this.net);
    const passed = new Map<string, string>(); // ids that something before the service did not let through, and what it said
    for (let most = BATCH; ;) {
      const waiting = (await this.entries()).filter((entry) => entry.status === "waiting" && !passed.has(entry.id));
      const batch = waiting.slice(0, most);
      const [first] = batch;
      if (!first || passed.size > MOST_PASSED) {
        return [...passed.values()].at(-1) ?? null;
      }
      try {
        const entries = batch.map((entry) => toBase64Url(entry.raw));
        const answer = await postJson<{ results: Verdict[] }>("/api/v1/events", { entries });
        if (!(await settle(batch, answer.results))) {
          return "answer-without-names";
        }
        most = Math.min(BATCH, 2 * most);
      } catch (error) {
        if (error instanceof Problem && isOfContent(error)) {
          if (batch.length === 1) {
            await setAside(first, error);
          }
          most = Math.max(1, batch.length >> 1);
        } else if (error instanceof Problem && error.status === TOO_LARGE) { // a proxy's own limit: it waits, others go
          if (batch.length === 1) {
            passed.set(first.id, reasonOf(error));
          }
          most = Math.max(1, batch.length >> 1);
        } else if (error instanceof Problem || error instanceof Unreachable) {
          return reasonOf(error);
        } else if (error instanceof StorageFullError) {
          return "storage-full"; // its receipts found no room: it waits on, and is known by its id the next time
        } else {
          throw error;
        }
      }
    }
  }

  private async entries(): Promise<OutboxEntry[]> {
    const entries = await all<OutboxEntry>("outbox");
    return entries
      .filter((entry) => entry.net === this.net)
      .sort(byArrival);
  }
}

function reasonOf(error: Problem | Unreachable): string {
  return error instanceof Unreachable ? "offline" : error.status === 401 ? SIGNED_OUT : error.message;
}

/** The service has heard of *word*; another may have been said meanwhile. */
async function noteTold(id: string, word: Said): Promise<void> {
  await write(["outbox"], async (transaction) => {
    const store = transaction.objectStore("outbox");
    const entry = await asked<OutboxEntry | undefined>(store.get(id));
    if (entry) {
      const said = saidOf(entry).map((one) => (one.text === word.text && one.atMs === word.atMs ? { ...one, told: true } : one));
      store.put({ ...entry, said, told: said.every(({ told }) => told) });
    }
  });
}

/** Whether the service will never take what was sent, in whatever state it is: the batch as a whole, or the one in it. */
function isOfContent({ status, code }: Problem): boolean {
  return (status === TOO_LARGE && code === "too-large") || (status === 400 && (code === "bad-json" || code === "bad-request"));
}

/** The service does not even read *entry*: it would hold up all that come after it. It is kept, and listed. */
async function setAside(entry: OutboxEntry, { status, message, code }: Problem): Promise<void> {
  const words = status === TOO_LARGE ? t("This one is larger than the service takes: {n} bytes.", { n: entry.raw.length })
    : t("The service cannot read this one.");
  const problem = [words, t("It stays on this device. Tell your supervisor, and do the step again."), `(${[message, code].filter(Boolean).join(" · ")})`].join(" ");
  await write(["outbox"], (transaction) => void transaction.objectStore("outbox").put({ ...entry, status: "refused", problem }));
}

function changed(): void {
  for (const tell of listeners) {
    tell();
  }
}

/** Let go of what the answer names, in one transaction. False where it names none of the batch. */
async function settle(batch: readonly OutboxEntry[], results: readonly Verdict[]): Promise<boolean> {
  const byId = new Map(results.map((result) => [result.id, result]));
  const named: [OutboxEntry, Verdict][] = [];
  for (const entry of batch) {
    const verdict = byId.get(entry.id) ?? altered(byId.get(toHex(await entryId(entry.raw))));
    if (verdict) {
      named.push([entry, verdict]);
    }
  }
  await write(["outbox", "receipts"], async (transaction) => {
    for (const [entry, verdict] of named) {
      const outbox = transaction.objectStore("outbox");
      if (verdict.status === "refused") {
        await asked(outbox.put({ ...entry, status: "refused", problem: problemText(verdict.error) }));
      } else {
        await asked(transaction.objectStore("receipts").put(receiptOf(entry, verdict)));
        await asked(outbox.delete(entry.id));
      }
    }
  });
  return named.length > 0;
}

/** The answer to bytes that are not those that were signed: whatever the service says of them, the event is not there. */
function altered(verdict: Verdict | undefined): Verdict | undefined {
  return verdict && { ...verdict, status: "refused",
    error: t("What waits here is not what was signed: what this device keeps was altered. Tell your supervisor at once.") };
}

function receiptOf(entry: OutboxEntry, verdict: Verdict): StoredReceipt {
  return {
    id: entry.id,
    number: entry.number,
    title: entry.title,
    index: verdict.index ?? -1,
    findings: verdict.findings,
    receipt: verdict.receipt ?? "",
    raw: entry.raw,
    storedMs: honestClock().now().ms,
    kid: entry.kid,
  };
}

function problemText(error: unknown): string {
  if (typeof error === "string") {
    return error;
  }
  const { title, detail, hint, code } = (error ?? {}) as { title?: string; detail?: string; hint?: string; code?: string };
  const exactly = [detail, code].filter(Boolean).join(" · ");
  return title ? [title, hint, exactly && `(${exactly})`].filter(Boolean).join(" ") : exactly || "?";
}
