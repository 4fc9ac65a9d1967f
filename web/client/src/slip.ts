/** Entry of /slips/record. */

import { behind } from "./behind";
import { byId } from "./dom";
import { enter } from "./gate";
import { SlipPage } from "./slip/page";

const root = byId("slip");
if (root) {
  behind(enter(root, (session, outbox) => SlipPage.open(root, session, outbox)));
}
