/**
 * Honest time: what the time is by the service's clock, and by how much that may be wrong, with no network and on a
 * device whose own clock may be set while it is away.
 *
 * Each answer of the service is a beacon. From it on two clocks count: the page's own (`performance.now`), which nobody
 * can set but which may stand still while the device sleeps, and the device's (`Date.now`), which goes on in sleep but
 * can be set. Where they differ, the device has slept or was set, and no page can tell which: what they differ by is the
 * uncertainty, until the next beacon. What a page knew is kept for the next page, which starts a clock of its own.
 */

import { t } from "./i18n";

/** A moment by the service's clock, as it is signed: field CLOCK is [sinceS, uncertaintyMs, epoch]. */
export interface Moment {
  readonly ms: number; // best guess
  readonly uncertaintyMs: number; // the true time is within so much of it; UNKNOWN_MS says nothing
  readonly sinceS: number; // since the last beacon
  readonly epoch: number; // how often the page's own clock began anew in this browser
}

/** What a clock counts by, the device's clock and the page's, and where it is kept for the next page. */
export interface Sources {
  wallMs(): number;
  pageMs(): number;
  load(): string | null;
  save(text: string): void;
}

export const UNKNOWN_MS = 2 ** 40; // the most that the field holds: 34 years
const DRIFT = 1e-4; // no quartz is worse
const JUMP_MS = 500; // clocks are read one after the other, and set by tiny steps all the time
const LONGEST_SLEEP_MS = 20 * 3_600_000; // a device that seems to have slept longer has been set
const KEY = "tram-clock";
const TICK_MS = 15_000;

interface State {
  readonly beaconMs: number; // by the service's clock
  readonly elapsedMs: number; // since then, by the better of both clocks
  readonly doubtMs: number; // by how much that may be wrong
  readonly wallMs: number; // the device's clock then
  readonly epoch: number;
}

export class HonestClock {
  private state: State | null = null;
  private pageMs = 0; // the page's clock at *state*

  constructor(private readonly sources: Sources) {
    this.pageMs = sources.pageMs();
    this.state = this.kept();
  }

  /** The service said *serviceMs* in its answer to what was asked at these times; the better of two beacons holds. */
  beacon(serviceMs: number, startedPageMs: number, startedWallMs: number): void {
    const [pageMs, wallMs] = [this.sources.pageMs(), this.sources.wallMs()];
    const [pageTripMs, wallTripMs] = [pageMs - startedPageMs, Math.max(wallMs - startedWallMs, 0)];
    const longestMs = Math.max(pageTripMs, wallTripMs); // it may have slept on the way, or been set
    const guessMs = (pageTripMs + sleptMs(wallTripMs - pageTripMs)) / 2;
    const doubtMs = longestMs - guessMs;
    const now = this.now();
    if (!this.state || doubtMs <= now.uncertaintyMs || Math.abs(serviceMs - now.ms) > now.uncertaintyMs + longestMs) {
      this.put({ beaconMs: serviceMs + guessMs, elapsedMs: 0, doubtMs, wallMs, epoch: this.state?.epoch ?? 1 }, pageMs);
    }
  }

  /** What time it is. */
  now(): Moment {
    this.tick();
    const { state } = this;
    if (!state) {
      return { ms: Math.round(this.sources.wallMs()), uncertaintyMs: UNKNOWN_MS, sinceS: 0, epoch: 0 };
    }
    const elapsedMs = state.elapsedMs + this.sources.pageMs() - this.pageMs;
    const doubtMs = state.doubtMs + Math.abs(this.jumpMs(state)) + elapsedMs * DRIFT;
    return {
      ms: Math.round(state.beaconMs + elapsedMs),
      uncertaintyMs: Math.min(Math.ceil(doubtMs) + 1, UNKNOWN_MS),
      sinceS: Math.max(0, Math.floor(elapsedMs / 1000)),
      epoch: state.epoch,
    };
  }

  /** Look at both clocks: each jump of one against the other is found, and none hides another. */
  tick(): void {
    const { state } = this;
    if (state && (Math.abs(this.jumpMs(state)) > JUMP_MS || this.sources.pageMs() - this.pageMs > TICK_MS)) {
      this.rest();
    }
  }

  /** Keep what is known as of now, for the next page too. */
  rest(): void {
    const { state } = this;
    if (!state) {
      return;
    }
    const pageMs = this.sources.pageMs();
    const jumpMs = this.jumpMs(state);
    const elapsedMs = state.elapsedMs + pageMs - this.pageMs + sleptMs(jumpMs);
    this.put({ ...state, elapsedMs, doubtMs: state.doubtMs + Math.abs(jumpMs), wallMs: this.sources.wallMs() }, pageMs);
  }

  /** By how much the device's clock has gone further than the page's since *state*. */
  private jumpMs(state: State): number {
    return this.sources.wallMs() - state.wallMs - (this.sources.pageMs() - this.pageMs);
  }

  private put(state: State, pageMs: number): void {
    this.state = state;
    this.pageMs = pageMs;
    this.sources.save(JSON.stringify(state));
  }

  /** What the page before this one knew. Nothing counted in between but the device's clock. */
  private kept(): State | null {
    try {
      const kept = JSON.parse(this.sources.load() ?? "null") as State | null;
      const numbers = kept && [kept.beaconMs, kept.elapsedMs, kept.doubtMs, kept.wallMs, kept.epoch];
      return numbers?.every(Number.isFinite) ? { ...(kept as State), epoch: (kept as State).epoch + 1 } : null;
    } catch {
      return null;
    }
  }
}

/** What of a jump of the device's clock against the page's is taken for sleep. */
function sleptMs(jumpMs: number): number {
  return jumpMs > JUMP_MS && jumpMs < LONGEST_SLEEP_MS ? jumpMs : 0;
}

/** "14:05", or "14:02–14:09" where it may be wrong by more than half a minute, or that it is not known. */
export function momentWords({ ms, uncertaintyMs }: Pick<Moment, "ms" | "uncertaintyMs">): string {
  if (uncertaintyMs > 12 * 3_600_000) {
    return t("time not known (this device says {time})", { time: clockWords(ms) });
  }
  if (uncertaintyMs <= 30_000) {
    return clockWords(ms);
  }
  const [from, to] = [clockWords(ms - uncertaintyMs), clockWords(ms + uncertaintyMs)];
  return from === to ? from : `${from}–${to}`;
}

let own: HonestClock | undefined;

/** The clock of this page. */
export function honestClock(): HonestClock {
  if (!own) {
    own = new HonestClock(browserSources());
    if (globalThis.document) {
      setInterval(() => own?.tick(), TICK_MS);
      document.addEventListener("visibilitychange", () => own?.tick());
      addEventListener("pagehide", () => own?.rest());
    }
  }
  return own;
}

function browserSources(): Sources {
  return {
    wallMs: () => Date.now(),
    pageMs: () => performance.now(),
    load: () => globalThis.localStorage?.getItem(KEY) ?? null,
    save: (text) => {
      try {
        globalThis.localStorage?.setItem(KEY, text);
      } catch {
        // full: the next page knows less, and says so
      }
    },
  };
}

const CLOCK = new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function clockWords(ms: number): string {
  return CLOCK.format(ms);
}
