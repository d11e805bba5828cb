// The end-to-end cipher of httpSMS with WebCrypto alone: for a browser, or anything else that has `crypto.subtle`.
//
//   import {decrypt, encrypt, importKey} from "./cipher.mjs";
//   const key = await importKey("Password123");
//   const envelope = await encrypt(key, "Hello");
//   const text = await decrypt(key, envelope);
//
// An envelope is base64(IV[16] ‖ AES-256-CFB128(SHA-256(pass phrase), IV, UTF-8 text)). WebCrypto has no CFB, so both
// ways are made of modes that it has. Nothing shows that an envelope was altered, or that the key was another.

const BLOCK = 16;
const BATCH = 1024; // blocks under way at once when decrypting

/** What cannot be decrypted: `name` says why. */
export class CipherError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/** The keys that stand for a pass phrase. They cannot be read out, and may be kept instead of it. */
export async function importKey(passPhrase) {
  const subtle = subtleCrypto();
  const hash = await subtle.digest("SHA-256", bytesOf(passPhrase));
  const [cbc, ctr] = await Promise.all(
    ["AES-CBC", "AES-CTR"].map((mode) => subtle.importKey("raw", hash, mode, false, ["encrypt"])),
  );
  return {cbc, ctr};
}

/**
 * The envelope of a text. Leave `iv` out: it is for tests alone.
 *
 * CFB xors the text with O: O₁ = E(IV), Oᵢ₊₁ = E(Cᵢ) = E(Pᵢ xor Oᵢ). That is how CBC chains IV ‖ P after a block of
 * zeros, so one call gives every O.
 */
export async function encrypt(key, text, iv = crypto.getRandomValues(new Uint8Array(BLOCK))) {
  if (iv.length !== BLOCK) throw new RangeError(`the IV has ${BLOCK} bytes, not ${iv.length}`);
  const envelope = joined(iv, bytesOf(text));
  const zeros = new Uint8Array(BLOCK);
  const chained = new Uint8Array(await subtleCrypto().encrypt({name: "AES-CBC", iv: zeros}, key.cbc, envelope));
  for (let at = BLOCK; at < envelope.length; at++) envelope[at] ^= chained[at - BLOCK];
  return base64Of(envelope);
}

/**
 * The text in an envelope, with U+FFFD for bytes that are no UTF-8. Throws a CipherError.
 *
 * Pᵢ = Cᵢ xor E(Cᵢ₋₁), where C₀ is the IV: each block is one of CTR, whose counter is the block before it. No mode
 * chains them, so it takes a call a block.
 */
export async function decrypt(key, ciphertext) {
  const envelope = envelopeIn(ciphertext);
  if (envelope.length < BLOCK) throw new CipherError("CiphertextTooShort", `${envelope.length} bytes are no IV`);
  const subtle = subtleCrypto();
  const block = (start) => {
    const counter = envelope.subarray(start - BLOCK, start);
    return subtle.encrypt({name: "AES-CTR", counter, length: 128}, key.ctr, envelope.subarray(start, start + BLOCK));
  };
  const bytes = new Uint8Array(envelope.length - BLOCK);
  for (let done = BLOCK; done < envelope.length; done += BATCH * BLOCK) {
    const starts = blockStarts(done, Math.min(done + BATCH * BLOCK, envelope.length));
    const blocks = await Promise.all(starts.map(block));
    blocks.forEach((decrypted, at) => bytes.set(new Uint8Array(decrypted), starts[at] - BLOCK));
  }
  // Without ignoreBOM a text loses a U+FEFF that it begins with; fatal would refuse what the phone shows.
  return new TextDecoder("utf-8", {ignoreBOM: true, fatal: false}).decode(bytes);
}

function subtleCrypto() {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new CipherError("NoWebCrypto", "browsers have crypto.subtle on https: and localhost pages only");
  return subtle;
}

function blockStarts(from, to) {
  return Array.from({length: Math.ceil((to - from) / BLOCK)}, (_, at) => from + at * BLOCK);
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** UTF-8 as on the phone, which writes "?" for half of a surrogate pair; TextEncoder alone would write U+FFFD. */
function bytesOf(text) {
  return new TextEncoder().encode(text.replace(/\p{Surrogate}/gu, "?"));
}

function base64Of(bytes) {
  let letters = "";
  // A call takes only so many arguments. btoa takes a character for each byte, not a text.
  for (let at = 0; at < bytes.length; at += 0x8000) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(letters);
}

/** The bytes in base64 as the phone takes it: padding whole or not at all. atob alone skips white space. */
function envelopeIn(ciphertext) {
  const letters = ciphertext.replace(/={1,2}$/, "");
  const padded = letters.length < ciphertext.length;
  const fits = padded ? ciphertext.length % 4 === 0 : letters.length % 4 !== 1;
  if (!fits || /[^A-Za-z0-9+/]/.test(letters)) {
    throw new CipherError("InvalidBase64", "this is not base64 as the phone accepts it");
  }
  return Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
}
