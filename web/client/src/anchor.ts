/** Entry of /anchor: the sheet is printed, and two supervisors record that it lies in the ledger. */

import { postJson } from "./api";
import { behind } from "./behind";
import { fromHex, toBase64Url } from "./bytes";
import type { Value } from "./cbor";
import { byId, el, fill } from "./dom";
import { EventType, Field, signEvent } from "./event";
import { explain } from "./explain";
import { enter } from "./gate";
import { t } from "./i18n";
import { signerOf } from "./keys";
import { actions, alarm, button } from "./scan/view";
import { confirmPerson, type Session } from "./session";
import { askWitness } from "./witness";

interface Results {
  readonly results: readonly { readonly index: number | null; readonly error: { readonly title: string } | null }[];
}

class AnchorPage {
  constructor(
    private readonly root: HTMLElement,
    private readonly size: number,
    private readonly hash: string,
    private readonly session: Session,
  ) {}

  open(): void {
    this.root.classList.add("scan", "desk");
    fill(this.root, actions(
      button(t("Print the sheet"), "primary", () => print()),
      button(t("It is stamped, signed and filed"), "", () => behind(this.record())),
      el("a", { class: "action", href: `/anchor/${this.size}.pdf` }, t("The sheet as PDF"))));
  }

  private async record(): Promise<void> {
    const second = await askWitness(this.root, t("A second supervisor signs with you"));
    if (!second) {
      this.open();
      return;
    }
    try {
      await confirmPerson(this.session);
      const { me, key } = this.session;
      const fields = new Map<number, Value>([
        [Field.V, 1],
        [Field.TYPE, EventType.PAPER_ANCHOR],
        [Field.NET, fromHex(me.net)],
        [Field.T_CLAIM, Date.now()],
        [Field.ANCHOR, [this.size, fromHex(this.hash)]],
        [Field.PLACE, me.person.office?.code ?? 0],
        [Field.ACTOR, fromHex(me.person.id)],
        [Field.NONCE, crypto.getRandomValues(new Uint8Array(8))],
      ]);
      const raw = await signEvent(fields, signerOf(key), second);
      const answer = await postJson<Results>("/api/v1/events", { entries: [toBase64Url(raw)] });
      const [result] = answer.results;
      if (!result || result.index === null) {
        throw new Error(result?.error?.title ?? "");
      }
      fill(this.root, el("p", { class: "next", role: "status" }, t("Recorded as entry {n}.", { n: result.index })));
    } catch (error) {
      fill(this.root, alarm(explain(error)), actions(button(t("Back"), "", () => this.open())));
    }
  }
}

const root = byId("anchor");
const { size, root: hash } = root?.dataset ?? {};
if (root && size && hash) {
  behind(enter(root, async (session) => new AnchorPage(root, Number(size), hash, session).open()));
}
