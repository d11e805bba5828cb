// cipher.mjs, which has nothing but WebCrypto, as a runner under Node. docs/runner-protocol.md has the protocol.
import {webcrypto} from "node:crypto";
import {BadRequest, ivIn, serve} from "../lines.mjs";
import {decrypt, encrypt, importKey} from "./cipher.mjs";

globalThis.crypto ??= webcrypto; // Node 18 has it in its module alone

function textIn(request, name) {
  if (typeof request[name] !== "string") throw new BadRequest(`there is no ${name}`);
  return request[name];
}

await serve({
  hello: () => ({
    protocol: 1,
    name: "web",
    version: `WebCrypto of Node ${process.versions.node}`,
    can: ["encrypt", "decrypt", "iv"],
  }),
  async encrypt(request) {
    const key = await importKey(textIn(request, "key"));
    return {ciphertext: await encrypt(key, textIn(request, "text"), ivIn(request))};
  },
  async decrypt(request) {
    const key = await importKey(textIn(request, "key"));
    return {text: await decrypt(key, textIn(request, "ciphertext"))};
  },
});
