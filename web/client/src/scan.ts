/** Entry of /scan. */

import { behind } from "./behind";
import { byId } from "./dom";
import { enter } from "./gate";
import { ScanPage } from "./scan/page";

performance.mark("script");
const root = byId("scan");
if (root) {
  behind(enter(root, (session, outbox) => new ScanPage(root, session, outbox).open()));
}
