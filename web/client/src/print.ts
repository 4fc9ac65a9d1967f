/**
 * Printing a label: drawn alone on a page of its own size, by this page. (A PDF in a hidden frame crashes headless
 * Chromium when it is told to print, and phones cannot print it at all.) The PDF is asked for first, because that is
 * what the service writes down as a print, and what it refuses for a second one without a reason.
 */

import { ask } from "./api";
import { el } from "./dom";
import { t } from "./i18n";

/** Print the label of *number*; throws Problem where the service wants a reason for another print. */
export async function printLabel(number: string): Promise<void> {
  await ask(`/labels/${number}.pdf`, {});
  const image = el("img", { src: `/labels/${number}.svg`, alt: t("Label {number}", { number }) });
  const sheet = el("div", { class: "print-sheet" }, image);
  document.body.append(sheet);
  try {
    await image.decode();
    print();
  } finally {
    sheet.remove();
  }
}
