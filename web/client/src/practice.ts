/** Entry of /practice. It opens no session: it neither asks nor tells the service anything. */

import { byId, el, fill } from "./dom";
import { explain } from "./explain";
import { loadWords } from "./i18n";
import { PracticePage } from "./practice/page";

const root = byId("practice");
if (root) {
  void loadWords().then(() => PracticePage.open(root)).catch((error: unknown) =>
    fill(root, el("p", { class: "alarm", role: "alert" }, explain(error))));
}
