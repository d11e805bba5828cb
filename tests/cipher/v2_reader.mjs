// The envelope that docs/envelope-v2.md proposes, written from that page alone with what a browser has (WebCrypto).
// Only reading version 1 takes node:crypto, since WebCrypto has no CFB. `node v2_reader.mjs VECTORS.json` prints what
// becomes of each test, one JSON object a line.
import { createDecipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { subtle } = globalThis.crypto;
const utf8 = text => new TextEncoder().encode(text);
const letters = bytes => btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
const join = (...parts) => Uint8Array.from(parts.flatMap(part => [...part]));
const refuse = kind => { throw Object.assign(new Error(kind), { kind }); };

const SPACE = '[\\0-\\x20\\x85\\xa0\\u1680\\u180e\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]';
const EDGE = new RegExp(`^${SPACE}|${SPACE}$`);
const E164 = /^\+[1-9][0-9]{1,14}$/, SHORT_CODE = /^[0-9]{2,9}$/;

function boundData({ direction, owner, contact }) {
  if (!E164.test(owner) || EDGE.test(contact) || !contact.isWellFormed()) refuse('unusable-context');
  if (direction === 'outgoing' && !E164.test(contact) && !SHORT_CODE.test(contact)) refuse('unusable-context');
  const [from, to] = [utf8(owner), utf8(contact)];
  if (to.length < 1 || to.length > 255) refuse('unusable-context');
  return join([2, direction === 'outgoing' ? 1 : 2, from.length], from, [to.length], to);
}

async function derive(key, salt) {
  if (EDGE.test(key) || !key.isWellFormed() || utf8(key).length < 16) refuse('unusable-key');
  const secret = await subtle.importKey('raw', utf8(key), 'HKDF', false, ['deriveBits']);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8('httpsms envelope v2') };
  const bits = new Uint8Array(await subtle.deriveBits(hkdf, secret, 8 * 44));
  const aes = await subtle.importKey('raw', bits.slice(0, 32), 'AES-GCM', false, ['encrypt', 'decrypt']);
  return [aes, bits.slice(32)];
}

export async function encrypt(key, text, context, salt = crypto.getRandomValues(new Uint8Array(16))) {
  if (!text.isWellFormed()) refuse('unusable-text');
  const [aes, iv] = await derive(key, salt);
  const gcm = { name: 'AES-GCM', iv, additionalData: boundData(context) };
  return 'v2=' + letters(join(salt, new Uint8Array(await subtle.encrypt(gcm, aes, utf8(text)))));
}

export async function decrypt(key, ciphertext, context) {
  const [mark, version] = /^v([0-9]{1,3})=/.exec(ciphertext) ?? refuse('unmarked');
  if (version !== '2') refuse('unknown-version');
  const body = ciphertext.slice(mark.length);
  let binary = '';
  try { binary = atob(body); } catch { refuse('malformed'); }
  const bytes = Uint8Array.from(binary, letter => letter.charCodeAt(0));
  if (letters(bytes) !== body || bytes.length < 32) refuse('malformed');
  const [aes, iv] = await derive(key, bytes.slice(0, 16));
  const gcm = { name: 'AES-GCM', iv, additionalData: boundData(context) };
  const plain = await subtle.decrypt(gcm, aes, bytes.slice(16)).catch(() => refuse('not-authentic'));
  try { return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain); } catch { refuse('malformed'); }
}

export async function decryptEither(key, ciphertext, context) {
  if (/^v[0-9]{1,3}=/.test(ciphertext)) return { text: await decrypt(key, ciphertext, context), version: 2 };
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(ciphertext)) refuse('invalid-base64');
  const bytes = Buffer.from(ciphertext, 'base64');
  if (bytes.length < 16) refuse('too-short');
  const cfb = createDecipheriv('aes-256-cfb', createHash('sha256').update(key).digest(), bytes.subarray(0, 16));
  const plain = Buffer.concat([cfb.update(bytes.subarray(16)), cfb.final()]);
  return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(plain), version: 1 };
}

async function outcome(type, { key, text, salt, ciphertext, ...context }) {
  try {
    if (type === 'EnvelopeV2Encrypt') return { ciphertext: await encrypt(key, text, context, Buffer.from(salt, 'hex')) };
    if (type === 'EnvelopeV2Decrypt') return { text: await decrypt(key, ciphertext, context) };
    return await decryptEither(key, ciphertext, context);
  } catch (error) {
    return { error: error.kind ?? String(error) };
  }
}

const READERS = ['EnvelopeV2Decrypt', 'EnvelopeEitherDecrypt'];
for (const group of process.argv[2] ? JSON.parse(readFileSync(process.argv[2], 'utf8')).testGroups : []) {
  for (const test of group.tests) {
    // What is written is read back, too.
    const types = [group.type, ...(test.salt && test.result === 'valid' ? READERS : [])];
    for (const type of types) console.log(JSON.stringify({ tcId: test.tcId, type, ...(await outcome(type, test)) }));
  }
}
