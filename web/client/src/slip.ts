/** Entry of /slips/record. */

import { byId } from "./dom";
import { enter } from "./gate";
import { SlipPage } from "./slip/page";

const root = byId("slip");
if (root) {
  void enter(root, (session, outbox) => SlipPage.open(root, session, outbox));
}
