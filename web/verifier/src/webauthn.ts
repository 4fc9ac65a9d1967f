/** The passkey assertion by which a device shows that its holder was there in person (K11; W3C WebAuthn, ES256). */

import { type Bytes, concat, equal, fromUtf8, toBase64 } from "./bytes";
import { SignatureError } from "./errors";
import { coreOf, type Event } from "./event";
import { F } from "./fields";
import { sha256 } from "./sha256";
import { type Hit, type Step, TAKING } from "./step";

const MARK_A = 1;
const FLAGS_AT = 32;
const LEAST = 37;
const PRESENT_AND_VERIFIED = 0x05;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** K11: where the policy asks for it, whoever takes an item marked A shows a passkey of their own. */
export function* userVerified(step: Step): Generator<Hit> {
  const { event, entry } = step;
  if (!TAKING.has(event.type) || !step.policy.user_verified || step.secrecy !== MARK_A) {
    return;
  }
  if (!event.fields.has(F.WEBAUTHN)) {
    yield ["K11", "no assertion"];
  } else if (entry.passkeyFault !== "") {
    yield ["K11", entry.passkeyFault ?? "the assertion was not looked at"];
  }
}

/** Check the assertion in *event* under a passkey's point (65 bytes, or none); throws SignatureError K11. */
export async function verifyAssertion(event: Event, key: Bytes | null): Promise<void> {
  const [about, client, signature] = event.fields.get(F.WEBAUTHN) as [Bytes, Bytes, Bytes];
  if (!key) {
    throw new SignatureError("no passkey is certified for the key", "K11");
  }
  if (about.length < LEAST || ((about[FLAGS_AT] as number) & PRESENT_AND_VERIFIED) !== PRESENT_AND_VERIFIED) {
    throw new SignatureError("the authenticator did not verify its user", "K11");
  }
  const challenge = toBase64(sha256(coreOf(event.fields))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const said = readClient(client);
  if (said?.["type"] !== "webauthn.get" || said["challenge"] !== challenge) {
    throw new SignatureError("the assertion is about something else", "K11");
  }
  if (!(await holds(key, concat(about, sha256(client)), signature))) {
    throw new SignatureError("the assertion is not signed by the certified passkey", "K11");
  }
}

function readClient(client: Bytes): Record<string, unknown> | null {
  try {
    const said: unknown = JSON.parse(fromUtf8(client));
    return typeof said === "object" && !Array.isArray(said) ? said as Record<string, unknown> | null : null;
  } catch {
    return null;
  }
}

async function holds(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  const plain = plainSignature(signature);
  try {
    const imported = plain && await crypto.subtle.importKey("raw", key, CURVE, false, ["verify"]);
    return plain !== null && imported !== null && await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, plain, message);
  } catch {
    return false; // no point of the curve
  }
}

/** r and s of 32 bytes each out of the one DER form of SEQUENCE { INTEGER, INTEGER }; null for anything else. */
function plainSignature(der: Bytes): Bytes | null {
  const r = integerAt(der, 2);
  const s = r && integerAt(der, 4 + r.length);
  if (!r || !s || der.length > 127 || !equal(der, concat(Uint8Array.of(0x30, der.length - 2, 2, r.length), r, Uint8Array.of(2, s.length), s))) {
    return null;
  }
  const [left, right] = [r, s].map((value) => {
    const digits = value[0] === 0 ? value.slice(1) : value;
    return digits.length > 32 ? null : concat(new Uint8Array(32 - digits.length), digits);
  });
  return left && right ? concat(left, right) : null;
}

/** The content of a positive integer in its shortest form whose tag stands at *at*. */
function integerAt(der: Bytes, at: number): Bytes | null {
  const length = der[at + 1] ?? 0;
  const value = der.slice(at + 2, at + 2 + length);
  const [first = 0x80, second = 0] = value;
  const isShortest = first < 0x80 && (first !== 0 || value.length === 1 || second >= 0x80);
  return der[at] === 2 && value.length === length && isShortest ? value : null;
}
