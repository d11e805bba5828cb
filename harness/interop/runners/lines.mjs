// Protocol 1 for runners in JavaScript: `serve` with what the runner can do. docs/runner-protocol.md has the protocol.
//
//   await serve({hello: () => ({…}), encrypt: async ({key, text}) => ({ciphertext: …}), decrypt: …});
//
// What an operation throws is the answer: its class by `name`, with Node's `code` in brackets.

/** A request that is none. */
export class BadRequest extends Error {
  name = "BadRequest";
}

/** The bytes of `iv_hex`; undefined if the request has none. */
export function ivIn({iv_hex}) {
  if (iv_hex === undefined || iv_hex === null) return undefined;
  if (!/^[0-9a-f]{32}$/i.test(iv_hex)) throw new BadRequest("iv_hex has to be 16 bytes in hex");
  return Buffer.from(iv_hex, "hex");
}

/** Answers until `bye`, or until the input ends. What has come in one piece is answered in one. */
export async function serve(operations) {
  process.stdout.on("error", () => process.exit(1)); // nobody reads any more
  const all = new Map(Object.entries({...operations, bye: () => ({})}));
  for await (const lines of linesOf(process.stdin)) {
    const answers = await Promise.all(lines.map((line) => answer(line, all)));
    const end = answers.findIndex(({last}) => last) + 1;
    const said = end > 0 ? answers.slice(0, end) : answers;
    process.stdout.write(said.map(({line}) => line).join(""));
    if (end > 0) return;
  }
}

/** The lines that are not empty, in lists of those that came together. */
async function* linesOf(stream) {
  let begun = []; // a line may be long, and come in many pieces
  for await (const piece of stream) {
    const lines = [];
    let start = 0;
    for (let end; (end = piece.indexOf(10, start)) >= 0; start = end + 1) {
      lines.push([...begun, piece.subarray(start, end)]);
      begun = [];
    }
    begun.push(piece.subarray(start));
    yield lines.map(textOf).filter(Boolean);
  }
  yield [textOf(begun)].filter(Boolean);
}

function textOf(pieces) {
  return Buffer.concat(pieces).toString().trim();
}

async function answer(line, operations) {
  let id = null;
  try {
    const request = requestIn(line);
    id = request.id ?? null;
    const operation = operations.get(request.op);
    if (!operation) throw new BadRequest(`no operation ${JSON.stringify(request.op)}`);
    return {line: lineOf({id, ...(await operation(request))}), last: request.op === "bye"};
  } catch (error) {
    const code = typeof error.code === "string" ? `[${error.code}]` : "";
    return {line: lineOf({id, error: error.name + code, message: error.message}), last: false};
  }
}

function requestIn(line) {
  let request;
  try {
    request = JSON.parse(line);
  } catch {
    throw new BadRequest("this line is no JSON");
  }
  if (Object.prototype.toString.call(request) !== "[object Object]") throw new BadRequest("this line is no object");
  return request;
}

/** ASCII, as the protocol wants it. JSON.stringify itself escapes nothing but lone surrogates. */
function lineOf(value) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${JSON.stringify(value).replace(/[\u007f-\uffff]/g, escaped)}\n`;
}
