// A sample portal: plain HTML on an origin of its own, which embeds the console's views by frame and by component.
// usage: CONSOLE_EMBED_SECRET=… node end2end/portal/server.mjs http://127.0.0.1:5000 [PORT]
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

/** A token that lets a visitor see one view for a while: what a portal makes after it has looked who its visitor is. */
export function embedToken(of, { secret, origin, seconds = 300, ...more }) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  // `status?tz=UTC` is the view `status`; `run/ID` is the resource `run:ID`.
  const res = decodeURIComponent(of.split("?")[0]).replace(/^run\//, "run:");
  const claims = { aud: "tickstock-console", iat: now, exp: now + seconds, res, origin, ...more };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** Serves the portal on localhost, which is another site than 127.0.0.1. `portal.console` may be set later. */
export async function startPortal({ port = 0, secret, console: address = "", seconds = 300 }) {
  const portal = { console: address, origin: "", seconds, tokens: 0, close: () => server.close() };
  const files = { "/portal.css": "text/css", "/portal.js": "text/javascript" };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, portal.origin);
    const send = (type, body, headers = {}) =>
      response
        .writeHead(200, { "content-type": type, "cache-control": "no-store", ...headers })
        .end(body);
    if (pathname === "/token") {
      portal.tokens += 1;
      const token = embedToken(searchParams.get("of") ?? "status", {
        secret,
        origin: portal.origin,
        seconds: portal.seconds,
      });
      return send("application/json", JSON.stringify({ token }));
    }
    if (files[pathname])
      return send(files[pathname], readFileSync(new URL(`.${pathname}`, import.meta.url)));
    const page = pathname === "/" ? "/all" : pathname;
    let html;
    try {
      html = readFileSync(
        new URL(`.${page.replace(/[^a-z/]/g, "")}.html`, import.meta.url),
        "utf8",
      );
    } catch {
      return response.writeHead(404).end();
    }
    const run = encodeURIComponent(searchParams.get("run") ?? "none");
    const badge = secret ? `?token=${embedToken("badge", { secret, origin: portal.origin })}` : "";
    html = html
      .replaceAll("{{badge}}", badge)
      .replaceAll("{{console}}", portal.console)
      .replaceAll("{{run}}", run)
      .replaceAll("{{provider}}", secret ? "/token" : "");
    // As strict as a portal may be: the console's address is all that embeds need.
    const policy = ["default-src 'none'", "style-src 'self'", "form-action 'none'"];
    for (const kind of ["script-src 'self'", "connect-src 'self'", "frame-src", "img-src"])
      policy.push(`${kind} ${portal.console}`);
    send("text/html; charset=utf-8", html, { "content-security-policy": policy.join("; ") });
  });
  await new Promise((ready) => server.listen(port, "localhost", ready));
  portal.origin = `http://localhost:${server.address().port}`;
  return portal;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const portal = await startPortal({
    console: process.argv[2],
    port: Number(process.argv[3] ?? 0),
    secret: process.env.CONSOLE_EMBED_SECRET,
  });
  console.log(
    `portal listening on ${portal.origin}; start the console with CONSOLE_EMBED_ORIGINS=${portal.origin}`,
  );
}
