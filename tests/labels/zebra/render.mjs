// Renders ZPL with a program of other people: node render.mjs FOLDER < JSON, where FOLDER/node_modules has it.
// Each case is {zpl, width_mm, height_mm, dots_per_mm}; the answers are lists of PNGs in base64.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const { api } = await require("zpl-renderer-js").ready;
const answers = [];
for (const { zpl, width_mm, height_mm, dots_per_mm } of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(await api.zplToBase64MultipleAsync(zpl, width_mm, height_mm, dots_per_mm));
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
