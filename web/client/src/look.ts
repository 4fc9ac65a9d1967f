/**
 * The look of a kept page before its first line is drawn: language and display as this browser last had them. A page
 * from the service has them already. Loaded by the shells alone, as a plain script, since modules come too late.
 */

import { readLook } from "./offline/looks";

const look = readLook();
document.documentElement.lang = look.lang;
document.documentElement.dataset["theme"] = look.theme;
