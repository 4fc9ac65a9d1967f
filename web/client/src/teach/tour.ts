/** The first walk over the scan page: a few cards beside what they are about. Offered once to each person; to be had again from the menu. */

import { behind } from "../behind";
import { el, fill } from "../dom";
import { t } from "../i18n";
import { actions, button } from "../scan/view";
import { get, setSetting } from "../store";

/** One card: what it is about (the first of *at* that is shown), and what to know of it. */
interface Card {
  readonly at: string;
  readonly title: string;
  readonly text: string;
}

function cards(): readonly Card[] {
  return [
    { at: ".scan-bar .place", title: t("Where you are"),
      text: t("Your place stands in every signature. Choose it first; it stays until you change it.") },
    { at: ".finder", title: t("Scan, hands off"),
      text: t("Hold the square code before the camera, or use the hand-held reader. Every result has its own sound, colour, sign and word. Each code alerts once while it stays in view.") },
    { at: ".rounds", title: t("Many at once"),
      text: t("With several envelopes begin a round: scan one after the other, watch the count, sign once at the end. The last scan can be taken back.") },
    { at: ".scan-body", title: t("What to do next"),
      text: t("What was read, what to do next and why the law wants it stands here. The main button is always at the bottom.") },
    { at: ".menu", title: t("Try it without risk"),
      text: t("In the menu at the top: practice with envelopes that are not real, and this walk once more.") },
  ];
}

/** The offer to whoever has not seen the walk on this device; null to others. */
export async function offerTour(root: HTMLElement, person: string): Promise<HTMLElement | null> {
  if (await get<boolean>("settings", `tour:${person}`).catch(() => true)) {
    return null;
  }
  const offer: HTMLElement = el("aside", { class: "tour-offer" },
    el("p", {}, el("b", {}, t("New here?")), " ", t("Five cards show you the page. You can begin to scan at any time.")),
    el("div", { class: "two" },
      button(t("Show me around"), "", () => {
        offer.remove();
        startTour(root, person);
      }, { "data-action": "tour" }),
      el("a", { class: "action", href: "/practice" }, t("Practice"))),
    button(t("Not now"), "quiet", () => {
      offer.remove();
      behind(remember(person));
    }, { "data-action": "no-tour" }));
  return offer;
}

/** Walk over the page that *root* is part of; any read, Escape or "Enough" ends it. */
export function startTour(root: HTMLElement, person: string): void {
  document.querySelector(".tour")?.remove();
  const all = cards();
  const box = el("div", { class: "tour", role: "dialog", "aria-label": t("Show me around"), tabindex: -1 });
  const point = (selector: string): void => {
    document.querySelectorAll(".tour-target").forEach((one) => one.classList.remove("tour-target"));
    const target = document.querySelector(selector);
    target?.classList.add("tour-target");
    target?.scrollIntoView({ block: "center" });
  };
  const end = (): void => {
    point("#nothing");
    box.remove();
    watch.disconnect();
    behind(remember(person));
  };
  const show = (at: number): void => {
    const card = all[at];
    if (!card) {
      end();
      return;
    }
    fill(box, el("p", { class: "small" }, t("{n} of {m}", { n: at + 1, m: all.length })), el("h2", {}, card.title), el("p", {}, card.text),
      actions(button(at + 1 < all.length ? t("Next") : t("Begin"), "primary", () => show(at + 1), { "data-action": "tour-next" }),
        at + 1 < all.length ? button(t("Enough"), "quiet", end, { "data-action": "tour-end" }) : null));
    point(card.at);
    box.focus();
  };
  const watch = new MutationObserver(() => {
    if (root.dataset["view"]) {
      end(); // something was read: the work goes on
    }
  });
  watch.observe(root, { attributes: true, attributeFilter: ["data-view"] });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      end();
    }
  });
  document.body.append(box);
  show(0);
}

function remember(person: string): Promise<void> {
  return setSetting(`tour:${person}`, true).catch(() => undefined);
}
