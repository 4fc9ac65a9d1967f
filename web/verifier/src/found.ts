/** What was found of one item: opened and resolved by entries, never deleted. */

import type { Entry } from "./event";
import { type Finding, type Severity, severityOf } from "./findings";

export class Found {
  /** Every finding, resolved or not, in the order they were opened. */
  all: Finding[] = [];

  constructor(private readonly uid: string) {}

  /** Open a finding that rests on *entry*, as grave as the catalogue says where no severity is given. */
  open(entry: Entry, code: string, detail: string, severity: Severity = severityOf(code)): void {
    this.all.push({ code, uid: this.uid, index: entry.index, eventId: entry.event.id, detail, severity, resolvedBy: null });
  }

  /** Open a finding, unless *entry* has it already. */
  openOnce(entry: Entry, code: string, detail: string): void {
    if (!this.all.some((one) => one.code === code && one.eventId === entry.event.id)) {
      this.open(entry, code, detail);
    }
  }

  /** Close what *pick* chooses of the open ones, by the entry at *index*. */
  resolve(pick: (finding: Finding) => boolean, index: number): void {
    this.all = this.all.map((one) => (one.resolvedBy === null && pick(one) ? { ...one, resolvedBy: index } : one));
  }

  /** Close a finding that the entry at *index* explains: an upload that was late, no break. */
  heal(code: string, eventId: string, index: number): void {
    this.all = this.all.map((one) =>
      one.code === code && one.eventId === eventId ? { ...one, resolvedBy: one.resolvedBy || index, severity: "I" } : one);
  }
}
