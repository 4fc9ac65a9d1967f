/**
 * What the log has only the digest of, on its way to the service: kept on the disk before its event is signed, and
 * sent once the log has that.
 */

import { postJson, Problem, Unreachable } from "./api";
import { asked, get, write } from "./store";

const MOST = 200;

export interface Aside {
  readonly number: string; // of the item
  readonly text: string; // exactly as the digest covers it
  readonly signer: string; // id of who signs the event: only they may send it
}

export class Asides {
  /** *name* is that of the list on this device, of the address under the item, and of the field that takes the text. */
  constructor(private readonly name: string, private readonly address: string, private readonly field: string) {}

  /** Keep a text; its digest in the log would be worth nothing without it. */
  async keep(one: Aside): Promise<void> {
    await this.change((kept) => [...kept, one].slice(-MOST));
  }

  /** Send what waits, as *signer*: what the service has, or will never take, is let go of. Returns what it refused. */
  async send(signer: string): Promise<Problem[]> {
    return navigator.locks.request(`tram-${this.name}`, async () => {
      const refused: Problem[] = [];
      for (const one of await this.kept()) {
        const answer = one.signer === signer ? await this.post(one) : "later";
        if (answer !== "later") {
          await this.change((kept) => kept.filter(({ text }) => text !== one.text));
        }
        if (answer instanceof Problem) {
          refused.push(answer);
        }
      }
      return refused;
    });
  }

  /** In one transaction: what is kept while another is sent is not lost. */
  private async change(work: (kept: readonly Aside[]) => readonly Aside[]): Promise<void> {
    await write(["settings"], async (transaction) => {
      const settings = transaction.objectStore("settings");
      settings.put(work((await asked<Aside[] | undefined>(settings.get(this.name))) ?? []), this.name);
    });
  }

  private async kept(): Promise<readonly Aside[]> {
    return (await get<Aside[]>("settings", this.name)) ?? [];
  }

  private async post({ number, text }: Aside): Promise<"taken" | "later" | Problem> {
    try {
      await postJson(`/api/v1/items/${number}/${this.address}`, { [this.field]: text });
      return "taken";
    } catch (error) {
      if (error instanceof Problem) {
        const isOver = error.status === 400 || error.status === 404 || error.code === "used-slip";
        return isOver ? error : "later"; // 409: its event is not in the log yet
      }
      if (error instanceof Unreachable) {
        return "later";
      }
      throw error;
    }
  }
}
