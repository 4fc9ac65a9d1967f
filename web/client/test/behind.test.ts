import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bodyOf, Unreachable } from "../src/api";
import { behind, onFailed } from "../src/behind";

declare const REPOSITORY: string;

test("what fails with nobody waiting for it is told, and nothing is thrown", async () => {
  const told: unknown[] = [];
  onFailed((error) => told.push(error));
  const error = new Error("storage");
  behind(Promise.reject(error));
  behind(Promise.resolve(1));
  behind(null);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, [error]);
});

test("a network that goes in the midst of an answer is no network, and no fault of the page", async () => {
  const broken = new Response(new ReadableStream({ start: (body) => body.error(new TypeError("network error")) }));
  await assert.rejects(bodyOf(broken), Unreachable);
  await assert.rejects(bodyOf(new Response("<html>")), Unreachable); // a gateway's page with status 200
});

const LEFT = ["work();", "void work();", "void (1 && work());", "work().finally(() => 1);", "work().catch(() => 1).then(work);",
  "listen(() => work());", "listen(async () => { await work(); });"];
const HEARD = ["await work();", "behind(work());", "work().catch(() => 1);", "work().then(() => 1, () => 2);", "listen(() => behind(work()));",
  "const kept = work(); await kept;", "wait(() => work());"];

test("the check finds each promise that nobody waits for, and no other", () => {
  const folder = mkdtempSync(join(REPOSITORY, "build", "promises-"));
  const head = "declare function work(): Promise<number>;\ndeclare function behind(work: unknown): void;\n"
    + "declare function listen(call: () => void): void;\ndeclare function wait(call: () => Promise<number>): void;\n";
  const file = join(folder, "page.ts");
  writeFileSync(file, `${head}${[...LEFT, ...HEARD].join("\n")}\nexport {};\n`);
  const script = `import { floating } from ${JSON.stringify(join(REPOSITORY, "web/client/promises.mjs"))};
    const found = floating([${JSON.stringify(file)}], { target: 9, module: 99, lib: ["lib.es2022.d.ts"], strict: true });
    console.log(JSON.stringify(found.map((node) => node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line)));`;
  try {
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    assert.deepEqual(JSON.parse(stdout || stderr), LEFT.map((_, index) => 4 + index));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
