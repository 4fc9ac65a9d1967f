import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { putInPlace } from "../place.mjs";

test("a build takes the place of the last one whole, and where it cannot the last one stays", async () => {
  const root = await mkdtemp(join(tmpdir(), "tram-place-"));
  const [next, place, aside] = [join(root, "next"), join(root, "build"), join(root, "aside")];
  try {
    for (const text of ["first", "second"]) {
      await mkdir(next);
      await writeFile(join(next, "page.js"), text);
      await putInPlace(next, place, aside);
      assert.equal(await readFile(join(place, "page.js"), "utf8"), text);
      assert.deepEqual(await readdir(root), ["build"]);
    }
    await assert.rejects(putInPlace(next, place, aside), { code: "ENOENT" }); // nothing was built
    assert.equal(await readFile(join(place, "page.js"), "utf8"), "second");
  } finally {
    await rm(root, { recursive: true });
  }
});
