// Asks verifiers of other people: node oracle.mjs TASK FOLDER < JSON, where FOLDER/node_modules has them.
// Each task reads its cases from standard input and writes one answer per case; a refusal is false.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [task, folder] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));

// @auth0/cose: does a COSE_Sign1 verify under a key?
async function auth0() {
  const { Sign1, COSEKey } = require("@auth0/cose");
  return async ({ raw, public: key, kid, payload }) => {
    const x = Buffer.from(key, "hex").toString("base64url");
    const jwk = { kty: "OKP", crv: "Ed25519", x, alg: "EdDSA", kid };
    const message = Sign1.decode(bytes(raw));
    await message.verify(await COSEKey.fromJWK(jwk).toKeyLike());
    return Buffer.from(message.payload).toString("hex") === payload;
  };
}

// @sigstore/verify: is an entry in a tree?
async function sigstore() {
  const main = require.resolve("@sigstore/verify");
  const { verifyMerkleInclusion } = require(join(main, "../tlog/merkle.js"));
  return async ({ entry, index, size, path, root }) => {
    const proof = { logIndex: String(index), hashes: path.map((hex) => Buffer.from(hex, "hex")) };
    const body = { canonicalizedBody: Buffer.from(entry, "hex"), inclusionProof: proof };
    verifyMerkleInclusion(body, { logSize: BigInt(size), logHash: Buffer.from(root, "hex") });
    return true;
  };
}

// cborg: is this the strict form, and does encoding give the same bytes? Answers "ok", or why not.
async function cborg() {
  const { decode, encode } = await import(pathToFileURL(join(folder, "node_modules/cborg/cborg.js")));
  const strict = {
    strict: true, allowIndefinite: false, allowUndefined: false, allowNaN: false, allowInfinity: false,
    useMaps: true, rejectDuplicateMapKeys: true,
  };
  return async ({ data }) => {
    const input = bytes(data);
    let value;
    try {
      value = decode(input, strict);
    } catch (error) {
      return `refused: ${error.message}`;
    }
    return Buffer.from(encode(value)).equals(Buffer.from(input)) ? "ok" : "another form";
  };
}

const answer = await { auth0, sigstore, cborg }[task]();
const answers = [];
for (const one of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(await answer(one).catch(() => false));
}
process.stdout.write(JSON.stringify(answers));
