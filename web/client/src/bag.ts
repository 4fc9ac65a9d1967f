/** Entry of /bag, and of the record of a bag. */

import { BagPage } from "./bag/page";
import { behind } from "./behind";
import { byId } from "./dom";
import { enter } from "./gate";

const root = byId("bag");
if (root) {
  behind(enter(root, (session, outbox) => BagPage.open(root, session, outbox)));
}
byId("record-print")?.addEventListener("click", () => print());
