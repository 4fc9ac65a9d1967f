import assert from "node:assert/strict";
import { test } from "node:test";
import { unanswered } from "../src/acceptance";

const WHOLE = { sender: 3, recipient: 4, clerk_name: "An", kind: 1, secrecy: 0, urgency: 0, seal: "VN001", mass_g: 20 };

test("none is an answer, a question left open is not", () => {
  assert.deepEqual(unanswered(WHOLE), []);
  const { secrecy: _secrecy, urgency: _urgency, ...rest } = WHOLE;
  assert.deepEqual(unanswered(rest), ["secrecy", "urgency"]);
});

test("an empty form names every question, in the order of the form", () => {
  assert.deepEqual(unanswered({ sender: 0, recipient: 0, mass_g: 0, seal: "", clerk_name: " " }),
    ["sender", "recipient", "clerk_name", "kind", "secrecy", "urgency", "seal", "mass_g"]);
});
