/** The service over HTTP: JSON in and out, RFC 9457 problem documents as errors. Each answer tells the time. */

import { honestClock } from "./dayclock";

const TIMEOUT_MS = 20_000;
const NO_CONTENT = 204;

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The service answered, and refused. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly hint: string,
    readonly errors: readonly FieldError[],
    readonly retryAfterS: number,
  ) {
    super(detail || code || `HTTP ${status}`);
  }
}

/** No answer at all: no network, no server, or too late. What was sent may or may not have arrived. */
export class Unreachable extends Error {}

export async function getJson<T>(path: string): Promise<T> {
  return bodyOf<T>(await ask(path, {}));
}

/** The JSON of an answer. A network that goes in the midst of it, or another's page in its place: Unreachable. */
export async function bodyOf<T>(answer: Response): Promise<T> {
  try {
    return (await answer.json()) as T;
  } catch (error) {
    throw new Unreachable("the answer broke off", { cause: error });
  }
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const answer = await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.status === NO_CONTENT ? undefined as T : bodyOf<T>(answer);
}

export async function postForm<T>(path: string, body: FormData): Promise<T> {
  return bodyOf<T>(await ask(path, { method: "POST", body }));
}

/** One request of our own origin. Throws Problem (an answer >= 400) or Unreachable. */
export async function ask(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  const [pageMs, wallMs] = [performance.now(), Date.now()];
  try {
    answer = await fetch(path, {
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const told = Number(answer.headers.get("Tram-Now"));
  if (told > 0) {
    honestClock().beacon(told, pageMs, wallMs);
  }
  if (answer.ok || answer.status === 304) {
    return answer;
  }
  throw await problemOf(answer);
}

async function problemOf(answer: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await answer.json();
    body = typeof parsed === "object" && parsed ? (parsed as Record<string, unknown>) : {};
  } catch {
    // a proxy's page, or nothing
  }
  const word = (name: string): string => (typeof body[name] === "string" ? body[name] : "");
  const errors = Array.isArray(body["errors"]) ? (body["errors"] as FieldError[]) : [];
  const retry = Number(answer.headers.get("Retry-After") ?? 0) || 0;
  return new Problem(answer.status, word("code"), word("detail") || word("title"), word("hint"), errors, retry);
}
