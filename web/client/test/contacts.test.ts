import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../src/bytes";
import { contactsOf, readContacts, takeContacts } from "../src/pass/contacts";
import { Kind, MessageError, packContacts, unpack } from "../src/pass/message";
import { RefusedError } from "../src/pass/verify";
import { session } from "./device";

const AN = { name: "Trần Thị An", duty: "Trực ban", phone: "0900 000 001", hours: "18:00-06:00" };
const BA = { ...AN, name: "Lê Văn Ba", phone: "0900 000 002" };

test("whom to call comes back for each item, a list of several once, and two times the same says nothing", async () => {
  const items = [{ uid: "01", contacts: [AN, BA] }, { uid: "02", contacts: [AN, BA] }, { uid: "03", contacts: [BA] }, { uid: "04", contacts: [] }];
  const bytes = contactsOf(items) ?? utf8("");
  assert.deepEqual([...readContacts(bytes)], [["01", [AN, BA]], ["02", [AN, BA]], ["03", [BA]]]);
  assert.equal(new TextDecoder().decode(bytes).split(AN.phone).length, 2);
  assert.notDeepEqual(contactsOf(items), bytes); // salted: its digest is in the offer
  assert.equal(contactsOf([{ uid: "04", contacts: [] }]), null);
  const message = await unpack(await packContacts(bytes));
  assert.deepEqual([message.kind, message.events.length, message.contacts], [Kind.CONTACTS, 0, bytes]);
});

test("what is no list of contacts is said to be none", () => {
  for (const text of ["", "[]", "{}", '["00",[[["01"],[["a","b","c"]]]]]', '["00",[[["01"],[["a","b","c",4]]]]]', '["00",[[1,[]]]]']) {
    assert.throws(() => readContacts(utf8(text)), MessageError, text);
  }
});

test("contacts that no offer answered here has attached are refused: nobody slips a courier a telephone number", async () => {
  const bytes = contactsOf([{ uid: "01", contacts: [AN] }]) ?? utf8("");
  await assert.rejects(takeContacts(await session(), bytes), (error) => error instanceof RefusedError && error.code === "E04");
});
