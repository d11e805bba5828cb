// The npm package `httpsms` as a child process: a line of JSON in is a call, a line of JSON out is its result.
//
//   {"call": "encrypt", "key": "Password123", "text": "Hello"}  ->  {"answer": "…"} or {"error": "…", "status": 401}
//
// HTTPSMS_URL and HTTPSMS_KEY say which server, and with which user key.
import {createInterface} from "node:readline";
import HttpSms from "httpsms";
import {jwtVerify} from "jose";

const client = new HttpSms(process.env.HTTPSMS_KEY, process.env.HTTPSMS_URL);

const calls = {
  offers: () =>
    ["messages", "cipher"].flatMap((service) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(client[service]))
        .filter((name) => name !== "constructor")
        .map((name) => `${service}.${name}`),
    ),
  send: ({message}) => client.messages.postSend(message),
  encrypt: ({key, text}) => client.cipher.encrypt(key, text),
  decrypt: ({key, ciphertext}) => client.cipher.decrypt(key, ciphertext),
  verify: async ({token, key, audience}) => {
    const secret = new TextEncoder().encode(key);
    const rules = {algorithms: ["HS256"], issuer: "api.httpsms.com", audience, requiredClaims: ["exp"]};
    return (await jwtVerify(token, secret, rules)).payload;
  },
};

for await (const line of createInterface({input: process.stdin})) {
  const {call, ...facts} = JSON.parse(line);
  let result;
  try {
    result = {answer: (await calls[call](facts)) ?? null};
  } catch (error) {
    result = {error: String(error), status: error.response?.status, body: error.response?.data};
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
