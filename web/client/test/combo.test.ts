import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, meant, plain } from "../src/combo";

test("marks do not matter when an agency is looked for", () => {
  assert.equal(plain("Sở Tài chính Đông Đô"), "so tai chinh dong do");
});

test("beginnings come before initials, initials before words, words before insides", () => {
  assert.equal(fit("so tai", "Sở Tài chính"), 0);
  assert.equal(fit("stc", "Sở Tài chính"), 1);
  assert.equal(fit("chinh", "Sở Tài chính"), 2);
  assert.equal(fit("hinh", "Sở Tài chính"), 3);
  assert.equal(fit("ubnd", "Sở Tài chính"), null);
});

test("one fit is meant, and the one of that very name; of several none is taken unseen", () => {
  const [finance, interior] = [{ name: "Sở Tài chính" }, { name: "Sở Tài chính Đông Đô" }];
  assert.equal(meant("so", [finance, interior]), undefined);
  assert.equal(meant("so tai chinh", [finance, interior]), finance);
  assert.equal(meant("dong", [interior]), interior);
  assert.equal(meant("bo", []), undefined);
});
