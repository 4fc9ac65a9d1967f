/** A page that the worker kept names nobody: its head is filled in here, from what this browser knows of its person. */

import { byId } from "../dom";
import { t } from "../i18n";
import type { Me } from "../told";

/** Whether this page is a kept one. */
export function isShell(): boolean {
  return document.documentElement.dataset["shell"] !== undefined;
}

/** The words of the shell in this browser's language; they were kept in the service's first one. */
export function sayShell(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-t]")) {
    const msgid = place.dataset["t"];
    place.textContent = msgid ? t(msgid) : "";
  }
  const title = document.querySelector<HTMLElement>("h1")?.textContent;
  document.title = title ? `${title} · Trạm` : "Trạm";
}

/** Name, place and ways of the person who is signed in here. */
export function dressShell({ person }: Me): void {
  document.documentElement.dataset["person"] = person.id;
  const place = person.agency?.name ?? person.office?.name ?? "";
  for (const [slot, text] of Object.entries({ name: person.name, place })) {
    document.querySelectorAll(`[data-slot="${slot}"]`).forEach((element) => {
      element.textContent = text;
    });
  }
  for (const way of document.querySelectorAll<HTMLElement>("#nav a")) {
    const roles = (way.dataset["roles"] ?? "").split(" ").filter(Boolean);
    way.hidden = roles.length > 0 && !roles.some((role) => person.roles.includes(role));
  }
  for (const part of [byId("nav"), byId("sign-out")]) {
    if (part) {
      part.hidden = false;
    }
  }
}
