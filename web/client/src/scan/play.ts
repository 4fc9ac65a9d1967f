/** Practice, as the scan page sees it. */

import type { Bytes } from "../bytes";
import type { LabelKey } from "../label";
import type { Item } from "../told";
import type { Desk } from "./acts";

/** What a page that plays has instead of the service: its keys, its items, and where signatures go. */
export interface Play {
  readonly keys: ReadonlyMap<string, LabelKey & { bytes: Bytes }>;
  readonly sign: NonNullable<Desk["sign"]>;
  items(): Promise<Item[]>;
}
