/**
 * The network of practice, in the memory of one page: five envelopes, three people, a key that is gone with the page.
 * Events are signed as in earnest and judged by the same table; nothing is kept, nothing is sent.
 */

import { parseEvent } from "../../../verifier/src/event";
import { type Bytes, fromHex, toHex } from "../bytes";
import { actionsOf, advance } from "../dayfold";
import { entryId, kidOf, type Signer } from "../cose";
import type { Draft } from "../device";
import { EventType, Field, makeFields, signEvent } from "../event";
import { t } from "../i18n";
import { parseDigits } from "../label";
import type { Signed } from "../scan/signing";
import type { Session } from "../session";
import type { DayItem, Item, Me, Person } from "../told";
import { type Demonstration, type Keys, practiceKeys, practiceLabel } from "./labels";
import { PRACTICE_NET } from "./net";

const ME = "70726163746d6531";
const GIVER = "7072616374676976";
const TAKER = "707261637474616b";
const OFFICE = { code: 999_901, name: "" };
const ZERO: Bytes = new Uint8Array(32);

/** What stands on an envelope of practice, and what its seal shows: not always what was entered. */
export interface Envelope extends Demonstration {
  readonly shown: string; // on the seal
  readonly secrecy: number;
  readonly isFalse: boolean;
}

/** A signed act of the learner, for the course to look at. */
export interface Act {
  readonly type: EventType;
  readonly number: string;
  readonly isSealRight: boolean;
}

export class World {
  readonly session: Session;
  private items = new Map<string, DayItem>();
  private dseq = 0;
  private dprev: Bytes = ZERO;

  private constructor(
    readonly keys: Keys,
    readonly envelopes: readonly Envelope[],
    private readonly signer: Signer,
    privateKey: CryptoKey,
    private readonly onAct: (act: Act) => void,
  ) {
    const office = { ...OFFICE, name: t("Practice office") };
    const person: Me["person"] = { id: ME, login: "", name: t("You, practising"), roles: ["courier"], office, agency: null };
    const me: Me = { person, net: PRACTICE_NET, origin: "practice", anchor: null, demo: true, now_ms: Date.now(), device: null };
    const key = { id: "practice", net: PRACTICE_NET, person: ME, kid: toHex(signer.kid), publicKey: "", privateKey, dseq: 0, dprev: ZERO };
    this.session = { me, key, status: "active" };
    this.reset();
  }

  static async open(onAct: (act: Act) => void): Promise<World> {
    const made = async (n: number, seal: string, more: Partial<Envelope> = {}): Promise<Envelope> =>
      ({ ...(await practiceLabel(n, seal, more.isFalse)), shown: seal, secrecy: 0, isFalse: false, ...more });
    const envelopes = await Promise.all([
      made(1, "TS 1024", { secrecy: 3 }), made(2, "TS 2048", { shown: "TS 2084" }), made(3, "TS 3001", { isFalse: true }),
      made(4, "TS 4001"), made(5, "TS 4002"), made(6, "TS 4003", { secrecy: 3 }),
    ]);
    const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair; // stored nowhere
    const kid = await kidOf(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
    const signer = { kid, sign: async (message: Bytes) => new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, pair.privateKey, message)) };
    return new World(await practiceKeys(), envelopes, signer, pair.privateKey, onAct);
  }

  /** Every envelope as at the beginning: offered to the learner. */
  reset(): void {
    this.items = new Map(this.envelopes.filter(({ isFalse }) => !isFalse).map((envelope) => [envelope.number, this.offered(envelope)]));
  }

  /** An item as the register shows it; throws where there is none. */
  item(number: string): Promise<Item> {
    const item = this.items.get(number);
    return item ? Promise.resolve({ ...item, actions: actionsOf(item, this.session.me.person) }) : Promise.reject(new Error(`no practice item ${number}`));
  }

  all(): Promise<Item[]> {
    return Promise.all([...this.items.keys()].map((number) => this.item(number)));
  }

  people(): Promise<Person[]> {
    const office = this.session.me.person.office;
    return Promise.resolve([{ id: TAKER, name: this.nameOf(TAKER), roles: ["courier"], office, agency: null }]);
  }

  /** Sign *drafts* with the key of this page, and let them count in this page alone. */
  readonly sign = async (drafts: readonly Draft[]): Promise<Signed[]> => {
    const signed: Signed[] = [];
    for (const draft of drafts) {
      const raw = await signEvent(makeFields(draft.type, this.frameOf(draft), draft.extra), this.signer);
      const id = await entryId(raw);
      [this.dseq, this.dprev] = [this.dseq + 1, id];
      const item = this.items.get(draft.number);
      const [commitment] = (draft.extra.get(Field.SEAL) as [Bytes, number] | undefined) ?? [];
      const isSealRight = !commitment || toHex(commitment) === item?.seal_commitment;
      const next = item && advance(item, parseEvent(raw), (person) => this.nameOf(person));
      if (next) {
        this.items.set(draft.number, next);
      }
      this.onAct({ type: draft.type, number: draft.number, isSealRight });
      signed.push({ id: toHex(id), outcome: { kind: "practised" } });
    }
    return signed;
  };

  private frameOf(draft: Draft): Parameters<typeof makeFields>[1] {
    const { uid, seq, prev, place } = draft;
    return {
      uid, seq, prev, place, net: fromHex(PRACTICE_NET), actor: fromHex(ME), dseq: this.dseq, dprev: this.dprev, anchor: null,
      claimedMs: Date.now(), nonce: crypto.getRandomValues(new Uint8Array(8)),
    };
  }

  private nameOf(person: string): string {
    return person === GIVER ? t("Ms Mẫu, counter") : person === TAKER ? t("Mr Thử, courier") : person === ME ? this.session.me.person.name : "?";
  }

  private offered({ number, digits, secrecy }: Envelope): DayItem {
    const label = parseDigits(digits);
    const [giver, taker] = [GIVER, ME].map((id) => ({ id, name: this.nameOf(id) }));
    return {
      number, uid: toHex(label.uid), state: "OFFERED", seq: 1, head: "22".repeat(32), custodian: giver ?? null,
      offer: giver && taker ? { id: "11".repeat(32), giver, taker, expires_ms: Date.now() + 8 * 3_600_000 } : null,
      instance: 0, label: { digits }, seal_commitment: toHex(label.sealCommitment), kind: 1, secrecy, urgency: 0, due_ms: null,
      sender: { code: 1, name: t("Practice agency A") }, recipient: { code: 2, name: t("Practice agency B") }, verdict: "INTACT", findings: [],
      held: false, actions: [], why: "offered", before: "HELD", is_container: false, container: null, only_named: false, is_returning: false,
      contacts: [], contents: [], ahead: false,
    };
  }
}
