/** Who may take an item, in groups: its addressee's people, couriers, everybody else. Pure. */

import { t } from "../i18n";
import type { Item, Person } from "../told";

export type TakerGroup = "addressee" | "courier" | "other";

const MOST = 40;
const ORDER: readonly TakerGroup[] = ["addressee", "courier", "other"];

/** The groups that are not empty, in their order; in each those of before come first. */
export function takersOf(people: readonly Person[], item: Pick<Item, "recipient">, recent: readonly string[]): [TakerGroup, Person[]][] {
  const rank = (person: Person): number => (recent.includes(person.id) ? recent.indexOf(person.id) : recent.length);
  const sorted = [...people].sort((left, right) => ORDER.indexOf(groupOf(left, item)) - ORDER.indexOf(groupOf(right, item)) || rank(left) - rank(right));
  const shown = sorted.slice(0, MOST);
  return ORDER.map((group): [TakerGroup, Person[]] => [group, shown.filter((person) => groupOf(person, item) === group)])
    .filter(([, of]) => of.length > 0);
}

export function groupWord(group: TakerGroup): string {
  switch (group) {
    case "addressee":
      return t("The addressee's people");
    case "courier":
      return t("Couriers");
    case "other":
      return t("Others");
  }
}

/** "courier, supervisor" in the reader's language; a role without a word is left out. */
export function roleWords(roles: readonly string[]): string {
  const words: Readonly<Record<string, string>> = {
    supervisor: t("supervisor"),
    security: t("security officer"),
    inspector: t("inspector"),
    issuer: t("counter clerk"),
    clerk: roles.includes("issuer") ? "" : t("clerk"),
    courier: t("courier"),
    recipient: t("recipient"),
  };
  return Object.entries(words).filter(([role, word]) => word && roles.includes(role)).map(([, word]) => word).join(", ");
}

function groupOf(person: Person, item: Pick<Item, "recipient">): TakerGroup {
  if (item.recipient !== null && person.agency?.code === item.recipient.code) {
    return "addressee";
  }
  return person.roles.includes("courier") ? "courier" : "other";
}
