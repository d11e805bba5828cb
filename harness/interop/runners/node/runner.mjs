// The npm package `httpsms` as a runner: its answers are the package's own. docs/runner-protocol.md has the protocol.
import crypto from "node:crypto";
import {readFileSync} from "node:fs";
import {createRequire, syncBuiltinESMExports} from "node:module";
import {dirname, join} from "node:path";
import HttpSms from "httpsms";
import {ivIn, serve} from "../lines.mjs";

// The package draws its IVs from randomBytes. Unless a call brings an IV, it gets the real ones.
const drawn = crypto.randomBytes;
let wished;
crypto.randomBytes = (size, ...more) => wished ?? drawn(size, ...more);
syncBuiltinESMExports();

const {cipher} = new HttpSms("");

// Of the package that was loaded, since our package.json only says which one was asked for.
function version() {
  const dist = dirname(createRequire(import.meta.url).resolve("httpsms"));
  return JSON.parse(readFileSync(join(dist, "..", "package.json"), "utf8")).version;
}

await serve({
  hello: () => ({
    protocol: 1,
    name: "node",
    version: `httpsms ${version()}, Node ${process.versions.node}`,
    dialect: "node",
    can: ["encrypt", "decrypt", "iv"],
  }),
  // As a user of the package calls it: with what JSON.parse gives, lone surrogates included.
  encrypt({key, text, ...request}) {
    wished = ivIn(request);
    return {ciphertext: cipher.encrypt(key, text)};
  },
  decrypt: ({key, ciphertext}) => ({text: cipher.decrypt(key, ciphertext)}),
});
