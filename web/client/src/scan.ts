/** Entry of /scan. */

import { byId } from "./dom";
import { enter } from "./gate";
import { ScanPage } from "./scan/page";

performance.mark("script");
const root = byId("scan");
if (root) {
  void enter(root, (session, outbox) => new ScanPage(root, session, outbox).open());
}
