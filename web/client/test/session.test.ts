import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { useWords } from "../src/i18n";
import { explain } from "../src/explain";
import { finishLeaving, leave } from "../src/offline/leave";
import { confirmPerson, lastSession, openSession, OtherPersonError, placesOf, type Session, SHIFT_MS, ShiftOverError } from "../src/session";
import { get, setSetting, type StoredKey, write } from "../src/store";
import type { Me, Self } from "../src/told";

Object.defineProperty(globalThis, "navigator", { configurable: true, value: { userAgent: "Chrome Linux" } });
Object.defineProperty(globalThis, "isSecureContext", { value: true });

const OFFICE = { code: 220_001, name: "Centre" };
const OTHER = { code: 220_002, name: "North" };
const AGENCY = { code: 5, name: "Party office" };
const PERSON: Self = { id: "0102030405060708", name: "An", login: "an", roles: [], office: null, agency: null };
const ME: Me = { person: PERSON, net: "0011223344556677", origin: "test", anchor: null, demo: true, now_ms: 0, device: null };
const SESSION: Session = { me: ME, key: {} as StoredKey, status: "active" };

function answer(make: (path: string) => Response | Promise<Response>): void {
  globalThis.fetch = async (path) => make(String(path));
}

beforeEach(async () => {
  useWords({});
  await write(["keys", "settings"], (transaction) => {
    transaction.objectStore("keys").clear();
    transaction.objectStore("settings").clear();
  });
});

test("nothing is signed for one whose session is over, and it is said so", async () => {
  answer(() => Response.json({ code: "sign-in-needed" }, { status: 401 }));
  const error: unknown = await confirmPerson(SESSION).catch((caught: unknown) => caught);
  assert.ok(error instanceof OtherPersonError);
  assert.match(explain(error), /signed out/);
});

test("nothing is signed for a person while another is signed in, who is named", async () => {
  answer(() => Response.json({ ...ME, person: { ...PERSON, id: "ff", name: "Bình" } }));
  const error: unknown = await confirmPerson(SESSION).catch((caught: unknown) => caught);
  assert.ok(error instanceof OtherPersonError);
  assert.match(explain(error), /Bình/);
});

test("signing goes on for the person of the session, with no network, and while the service is in trouble", async () => {
  answer(() => Response.json(ME));
  await confirmPerson(SESSION);
  answer(() => Promise.reject(new TypeError("network")));
  await confirmPerson(SESSION);
  answer(() => Response.json({}, { status: 503 }));
  await confirmPerson(SESSION);
});

test("a browser that has just been enrolled knows its places at once", async () => {
  let enrolled = false;
  answer((path) => {
    if (path === "/api/v1/devices") {
      enrolled = true;
      return Response.json({ status: "active" });
    }
    const offices = enrolled ? [OFFICE, OTHER] : [];
    return Response.json({ ...ME, person: { ...PERSON, offices }, device: { kid: "00", status: enrolled ? "active" : "none" } });
  });
  const session = await openSession();
  assert.equal(session.status, "active");
  assert.deepEqual(placesOf(session.me.person), [OFFICE, OTHER]);
});

test("places are offices, the own one first, none twice; an agency only for who has no office", () => {
  assert.deepEqual(placesOf({ ...PERSON, agency: AGENCY, offices: [OFFICE] }), [OFFICE]);
  assert.deepEqual(placesOf({ ...PERSON, agency: AGENCY }), [AGENCY]);
  assert.deepEqual(placesOf({ ...PERSON, office: OTHER, offices: [OFFICE, OTHER] }), [OTHER, OFFICE]);
});

test("without the service one signs for a shift, and no longer than the certificate; then nothing is signed", async () => {
  const now = Date.now();
  const told = (path: string): Response => Response.json(path.startsWith("/api/v1/devices") ? { status: "active" }
    : { ...ME, device: { kid: "00", status: "active", not_after_ms: now + 40 * 3_600_000 } }, { headers: { "Tram-Now": String(now) } });
  answer(told);
  const session = await openSession();
  answer(() => Promise.reject(new TypeError("network")));
  await confirmPerson(session);
  assert.equal((await lastSession())?.me.person.id, PERSON.id);
  await setSetting("seen", { net: ME.net, person: PERSON.id, ms: now - SHIFT_MS - 60_000 });
  await assert.rejects(confirmPerson(session), (error: ShiftOverError) => error.reason === "shift");
  assert.equal(await lastSession(), undefined);
  await setSetting("seen", { net: ME.net, person: PERSON.id, ms: now });
  session.me = { ...session.me, device: { kid: "00", status: "active", not_after_ms: now - 60_000 } };
  await assert.rejects(confirmPerson(session), (error: ShiftOverError) => error.reason === "key");
  answer(told);
  await confirmPerson(session); // the service is there: it judges
});

test("who may not sign any more is told why, and that nothing was signed", () => {
  useWords({});
  assert.match(explain(new ShiftOverError("key")), /nothing was signed/);
  assert.match(explain(new ShiftOverError("shift")), /nothing was signed/);
});

test("an answer that comes after a leave keeps nothing: with no network nobody is here", async () => {
  answer(async (path) => {
    if (path.startsWith("/api/v1/me?kid=")) {
      await leave(); // in another tab, while this one waits for a slow network
    }
    return path === "/sign-out" ? new Response(null, { status: 204 }) : Response.json({ ...ME, device: { kid: "00", status: "active" } });
  });
  await assert.rejects(openSession(), OtherPersonError);
  assert.equal(await lastSession(), undefined);
});

test("who signs in takes the place of whoever was here, whose page does not open any more", async () => {
  const active = { kid: "00", status: "active" };
  answer(() => Response.json({ ...ME, device: active }));
  await openSession();
  await setSetting("passes", ["of An"]);
  await setSetting("recent-takers", ["to whom An gave"]);
  answer(() => Response.json({ ...ME, person: { ...PERSON, id: "ff".repeat(8), name: "Bình" }, device: active }));
  await openSession();
  assert.equal((await lastSession())?.me.person.name, "Bình");
  assert.equal(await get("settings", "passes"), undefined);
  assert.equal(await get("settings", "recent-takers"), undefined);
});

test("a leave is told again until the service has heard of it; trouble is no answer", async () => {
  const statuses = [503, 429, 401];
  answer(() => new Response(null, { status: statuses.shift() ?? 500 }));
  assert.equal(await leave(), false);
  assert.equal(await finishLeaving(), false);
  assert.equal(await finishLeaving(), true);
  assert.equal(await finishLeaving(), true, "and is not told twice");
  assert.deepEqual(statuses, []);
});

test("a browser that keeps nothing more is left all the same", async () => {
  const asked: string[] = [];
  answer((path) => {
    asked.push(path);
    return new Response(null, { status: 204 });
  });
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = () => {
    throw new DOMException("gone", "InvalidStateError");
  };
  try {
    await leave();
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
  assert.deepEqual(asked, ["/sign-out"]);
});
