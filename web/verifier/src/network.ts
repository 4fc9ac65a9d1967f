/** Everything that the log says about the network itself: keys, limits, offices, routes, hours, seals. */

import { Directory } from "./directory";
import type { Entry } from "./event";
import type { Value } from "./cbor";
import { E, F } from "./fields";
import { KeyRing } from "./keys";
import { DEFAULTS, type Policy, withLimits } from "./policy";

/** The ground on which chains are judged: an entry by the keys, limits and offices as of its own index. */
export class Network {
  readonly ring: KeyRing;
  readonly directory = new Directory();
  private readonly policies: { since: number; policy: Policy }[] = [];

  constructor(roots: ReadonlySet<string>) {
    this.ring = new KeyRing(roots);
  }

  /** Take a system entry in; links of chains change nothing. Throws SignatureError. */
  async apply(entry: Entry): Promise<void> {
    await this.ring.apply(entry);
    this.directory.apply(entry);
    if (entry.event.type === E.POLICY) {
      const limits = entry.event.fields.get(F.LIMITS) as Map<number, Value>;
      this.policies.push({ since: entry.index, policy: withLimits(this.policy, limits) });
    }
  }

  /** The limits as of the newest entry. */
  get policy(): Policy {
    return this.policies.at(-1)?.policy ?? DEFAULTS;
  }

  /** The limits as an entry at *index* finds them. */
  policyAt(index: number): Policy {
    return this.policies.findLast(({ since }) => since < index)?.policy ?? DEFAULTS;
  }
}
