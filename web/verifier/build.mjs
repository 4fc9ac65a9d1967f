// Makes the one file of the verifier: page, style and script, and the Vietnamese of every word in it.
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const catalogue = join(here, "..", "translations", "vi", "LC_MESSAGES", "messages.po");

/** The text of the file; *esbuild* is handed in, as it lies in web/client. */
export async function buildPage(esbuild) {
  const script = await bundle(esbuild);
  const style = (await esbuild.transform(await readFile(join(here, "style.css"), "utf8"), { loader: "css", minify: true })).code.trim();
  if (script.includes("</script") || style.includes("</style")) {
    throw new Error("the script or style would end early");
  }
  const policy = [
    "default-src 'none'", `script-src '${digest(script)}'`, `style-src '${digest(style)}'`, "base-uri 'none'", "form-action 'none'",
  ].join("; ");
  const parts = { POLICY: policy, STYLE: style, SCRIPT: script };
  const page = await readFile(join(here, "page.html"), "utf8");
  return page.replace(/%([A-Z]+)%/g, (whole, name) => parts[name] ?? whole);
}

async function bundle(esbuild) {
  const built = await esbuild.build({
    entryPoints: [join(source, "page.ts")],
    bundle: true,
    format: "iife",
    target: "es2022",
    minify: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    define: { VIETNAMESE: JSON.stringify(await vietnamese()) },
    logLevel: "warning",
  });
  return built.outputFiles[0].text.trim();
}

/** The Vietnamese as src/i18n.ts takes it; "" where there is none. */
export async function vietnamese() {
  const known = messages(await readFile(catalogue, "utf8"));
  const { words, tables } = await spoken();
  return { words: Object.fromEntries(words.map((id) => [id, known.get(id) ?? ""])), tables: tables.map((id) => known.get(id) ?? "") };
}

/** Every msgid of the verifier: those in its scripts, and those in its tables, in the order of src/i18n.ts. */
export async function spoken() {
  const words = new Set();
  for (const name of (await readdir(source)).filter((one) => one.endsWith(".ts"))) {
    for (const [, text] of (await readFile(join(source, name), "utf8")).matchAll(/\bt\(\s*("(?:[^"\\]|\\.)*")/g)) {
      words.add(JSON.parse(text));
    }
  }
  const { findings, steps, notProven } = JSON.parse(await readFile(join(source, "tables.json"), "utf8"));
  return { words: [...words], tables: [...Object.values(findings).flatMap(([, text, advice]) => [text, advice]), ...steps, notProven] };
}

/** msgid -> msgstr of a catalogue; strings may run over several lines, and those marked fuzzy do not count. */
function messages(text) {
  const joined = (part) => [...part.matchAll(/"(?:[^"\\]|\\.)*"/g)].map((match) => JSON.parse(match[0])).join("");
  const found = new Map();
  for (const block of text.split(/\n\n+/)) {
    const match = /^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)^msgstr ((?:"(?:[^"\\]|\\.)*"\s*)+)/m.exec(block);
    if (match && !/^#,.*\bfuzzy\b/m.test(block)) {
      found.set(joined(match[1]), joined(match[2]));
    }
  }
  return found;
}

function digest(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
