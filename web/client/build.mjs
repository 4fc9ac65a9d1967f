// Bundles the pages and the verifier into web/static/build, with packed twins of all that is served; --tests: the unit tests into build/client-tests;
// --runner: the verifier's core without its page into build/verifier.
import { build, transform } from "esbuild";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, parse, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { buildPage } from "../verifier/build.mjs";
import { buildIcons } from "./icons.mjs";
import { putInPlace } from "./place.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const modules = join(here, "node_modules");

const PAGES = ["base", "scan", "practice", "bag", "counter", "item", "wall", "signin", "anchor", "printtest", "slip", "enrol", "invitation"];
const APP = ["base", "scan", "practice", "bag"]; // the pages that the service worker keeps, with all they load
const FONTS = [
  { family: "Noto Sans Variable", weight: "100 900", pkg: "@fontsource-variable/noto-sans", stem: "noto-sans", axis: "wght-normal" },
  { family: "IBM Plex Mono", weight: "400", pkg: "@fontsource/ibm-plex-mono", stem: "ibm-plex-mono", axis: "400-normal" },
  { family: "IBM Plex Mono", weight: "600", pkg: "@fontsource/ibm-plex-mono", stem: "ibm-plex-mono", axis: "600-normal" },
];
// The ranges Google Fonts publishes for these subsets; the browser fetches only the files it needs.
const RANGES = {
  vietnamese: "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB",
  latin: "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
};

const STATIC = join(root, "web", "static");
const PACKED = "packed"; // folder of the compressed twins
const WORTH = 0.9; // a twin that is not this much smaller is none
const SMALLEST = 1_000; // bytes: below, headers weigh as much

/** Made beside, then put in place at once: who asks meanwhile has the build before. */
async function buildPages() {
  const out = join(STATIC, ".build-next");
  await rm(join(STATIC, ".build-last"), { recursive: true, force: true });
  await buildInto(out);
  await putInPlace(out, join(STATIC, "build"), join(STATIC, ".build-last"));
}

async function buildInto(out) {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const shared = {
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: false,
    legalComments: "eof",
    outdir: out,
    absWorkingDir: here,
    logLevel: "warning",
  };
  const entryPoints = PAGES.map((page) => `src/${page}.ts`);
  const pages = await build({ ...shared, entryPoints, splitting: true, chunkNames: "chunk-[hash]", metafile: true });
  await build({ ...shared, entryPoints: ["src/sw.ts", "src/look.ts", "src/warm.ts"], format: "iife" });
  const decoder = await build({
    ...shared,
    metafile: true,
    entryPoints: ["src/worker.ts"],
    loader: { ".wasm": "file" },
    assetNames: "[name]-[hash]",
    publicPath: "/static/build",
    external: ["module", "fs", "path", "crypto"],
  });
  await dropForeignAddress(join(out, "worker.js"));
  await buildFonts(out);
  await buildIcons(join(STATIC, "icon.svg"), out);
  const icons = ["icon-192.png", "icon-512.png", "icon-maskable-512.png", "icon-180.png"];
  const loaded = [...loadedBy(pages.metafile, APP), ...loadedBy(decoder.metafile, ["worker"])];
  const kept = [...loaded, "look.js", "warm.js", "fonts.css", ...icons, ...(await readdir(out)).filter((name) => name.endsWith(".woff2"))];
  await writeFile(join(out, "app.json"), JSON.stringify([...new Set(kept)].sort()));
  await writeFile(join(out, "modules.json"), JSON.stringify(Object.fromEntries(PAGES.map((page) => [page, neededAtOnce(pages.metafile, page)]))));
  await writeFile(join(out, "verifier.html"), await buildPage({ build, transform }));
  await packAll(out);
}

/** Names of the modules that *entry* imports before it runs, and theirs: to be fetched side by side. */
function neededAtOnce({ outputs }, entry) {
  const wanted = Object.keys(outputs).filter((path) => parse(path).name === entry);
  for (const path of wanted) {
    const { imports } = outputs[path];
    wanted.push(...imports.filter(({ kind }) => kind === "import-statement").map((one) => one.path).filter((next) => !wanted.includes(next)));
  }
  return [...new Set(wanted)].map((path) => parse(path).base);
}

/** Compressed twins of what is served from web/static, *out* standing for its folder build; `web/assets.py` gives them out. */
async function packAll(out) {
  const below = async (folder) => (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.(woff2|png|br|gz)$/.test(entry.name)).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const isOther = (path) => !path.startsWith(join(STATIC, "build") + sep) && !path.startsWith(out + sep);
  const files = [...(await below(out)).map((path) => [path, join("build", relative(out, path))]),
    ...(await below(STATIC)).filter(isOther).map((path) => [path, relative(STATIC, path)])];
  await Promise.all(files.map(async ([path, name]) => {
    const bytes = await readFile(path);
    const twins = bytes.length < SMALLEST ? [] : await Promise.all([
      promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).then((packed) => [".br", packed]),
      promisify(gzip)(bytes, { level: 9 }).then((packed) => [".gz", packed])]);
    for (const [ending, packed] of twins.filter(([, { length }]) => length < bytes.length * WORTH)) {
      await mkdir(join(out, PACKED, dirname(name)), { recursive: true });
      await writeFile(join(out, PACKED, name + ending), packed);
    }
  }));
}

/** Names of the files that the bundles *entries* need, whenever they load them. */
function loadedBy({ outputs }, entries) {
  const wanted = Object.keys(outputs).filter((path) => entries.includes(parse(path).name));
  for (const path of wanted) {
    const { imports } = outputs[path];
    wanted.push(...imports.map((one) => one.path).filter((next) => next in outputs && !wanted.includes(next)));
  }
  const files = Object.keys(outputs).filter((path) => path.endsWith(".wasm"));
  return [...wanted, ...files].map((path) => parse(path).base);
}

/** The decoder's default address is a CDN; ours is given at run time, and the other must not even be there. */
async function dropForeignAddress(file) {
  const text = await readFile(file, "utf8");
  const own = text.replace(/https:\/\/fastly\.jsdelivr\.net\/[^`"']*/g, "/static/build/");
  if (/https?:\/\//.test(own)) {
    throw new Error(`${file} names a foreign address`);
  }
  await writeFile(file, own);
}

async function buildFonts(out) {
  let css = ":root{--font-text:\"Noto Sans Variable\",system-ui,sans-serif;--font-code:\"IBM Plex Mono\",ui-monospace,monospace}\n";
  for (const font of FONTS) {
    for (const [subset, range] of Object.entries(RANGES)) {
      const name = `${font.stem}-${subset}-${font.axis}.woff2`;
      await copyFile(join(modules, font.pkg, "files", name), join(out, name));
      css += `@font-face{font-family:"${font.family}";font-style:normal;font-display:swap;font-weight:${font.weight};`
        + `src:url("${name}") format("woff2");unicode-range:${range}}\n`;
    }
    await copyFile(join(modules, font.pkg, "LICENSE"), join(out, `${font.stem}.LICENSE.txt`));
  }
  await writeFile(join(out, "fonts.css"), css);
  for (const name of ["zxing-wasm", "lean-qr"]) {
    await writeFile(join(out, `${name}.LICENSE.txt`), await readFile(join(modules, name, "LICENSE")));
  }
}

async function buildTests() {
  const out = join(root, "build", "client-tests");
  await rm(out, { recursive: true, force: true });
  const folders = [join(here, "test"), join(here, "..", "verifier", "test")];
  const names = await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))));
  await buildForNode(names.flat().filter((name) => name.endsWith(".test.ts")), out);
}

async function buildRunner() {
  await buildForNode([join(here, "..", "verifier", "test", "runner.ts")], join(root, "build", "verifier"));
}

async function buildForNode(entryPoints, outdir) {
  await build({
    entryPoints,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outExtension: { ".js": ".mjs" },
    entryNames: "[name]",
    outdir,
    logLevel: "warning",
    define: { REPOSITORY: JSON.stringify(root) },
  });
}

const jobs = { "--tests": buildTests, "--runner": buildRunner };
await (jobs[process.argv[2]] ?? buildPages)();
