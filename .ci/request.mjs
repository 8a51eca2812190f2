// Sends one HTTP request, so that scripts need no curl. A GET is repeated until it succeeds, for at
// most 10 s. Prints the body of the response; exits 1 unless its status is 2xx.
// usage: node .ci/request.mjs METHOD URL [JSON]
import { request } from "node:http";

const [method, url, body] = process.argv.slice(2);
const deadline = Date.now() + 10_000;

/** Resolves to the status and text of the response, whatever the status. */
const send = () =>
  new Promise((resolve, reject) => {
    const headers = body
      ? { "content-type": "application/json", "content-length": Buffer.byteLength(body) }
      : {};
    const sent = request(url, { method, headers, timeout: 5_000 }, async (answer) => {
      const text = (await answer.toArray()).join("");
      resolve({ status: answer.statusCode, text });
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 5 s")));
    sent.on("error", reject);
    sent.end(body);
  });

for (;;) {
  const { status, text } = await send().catch((error) => ({ status: 0, text: error.message }));
  const succeeded = status >= 200 && status < 300;
  if (succeeded || method !== "GET" || Date.now() > deadline) {
    console.log(succeeded ? text : `${method} ${url}: ${status || "no answer"} ${text}`);
    process.exit(succeeded ? 0 : 1);
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
