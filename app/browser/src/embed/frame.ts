/**
 * The script of an embed's own document: takes the token from its address or from the page around
 * it, and follows the shared stream.
 */
import { createEmbedHost, type EmbedHost } from "./host.js";
import type { EmbedMessage, HostMessage } from "./messages.js";
import { createEmbedStream } from "./stream.js";
import { createView } from "./view.js";

/** Messages to the page around the frame; all are prefixed with `tickstock:`. */
type Outgoing = "needtoken" | "size" | "status" | "stale";

/** Name of the worker, of the channel and of the lock that the embeds of one site share. */
const SHARED = "tickstock-embed";
const ALIVE_MS = 30_000;
const MAX_TOKEN = 4_096;

const main = document.querySelector("main") as HTMLElement;
const { base = "", subject: of = "" } = main.dataset;
/** Nothing is shown without a token. */
const locked = main.dataset.locked !== undefined;
const origins = (main.dataset.origins ?? "").split(" ");
const framed = parent !== window;
let sendToHost = (_: HostMessage) => {};
let token: string | undefined;
let tokenRequestedAt = 0;
let started = false;
let lastStatus: object | undefined;

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : undefined);
const isAllowed = (origin: string | undefined): origin is string =>
  origin !== undefined && (origins.includes(origin) || origin === location.origin);

/** The origin of the page around the frame; where the browser hides it, that of its first message. */
let parentOrigin = framed
  ? [location.ancestorOrigins?.[0] ?? originOf(document.referrer)].find(isAllowed)
  : location.origin;

/** A `harmless` message may go to a page of unknown origin. */
function post(type: Outgoing, body: object, harmless = false) {
  const target = parentOrigin ?? (harmless && "*");
  if (framed && target) parent.postMessage({ type: `tickstock:${type}`, ...body }, target);
}

function requestToken() {
  if (Date.now() - tokenRequestedAt < 1_000) return;
  tokenRequestedAt = Date.now();
  post("needtoken", { of }, true);
}

const postSize = () =>
  post("size", { height: Math.ceil(main.getBoundingClientRect().height) }, true);

const hello = () => sendToHost({ type: "hello", of, token });

const view = createView(main, (type, detail) => {
  if (type === "stale") return post("stale", detail);
  lastStatus = detail;
  post("status", detail);
});

function receive(message: EmbedMessage) {
  if (message.type === "needtoken") return requestToken();
  if (message.type === "hello") return hello();
  // A token that another site's page got hold of shows nothing there.
  const origin =
    message.type === "opened" && (message.origin === "self" ? location.origin : message.origin);
  if (origin && framed && origin !== parentOrigin) {
    sendToHost({ type: "bye" });
    const reason = "the token is for another page than the one around this";
    return view.receive({ type: "refused", message: reason });
  }
  view.receive(message);
}

function start() {
  if (started) return sendToHost({ type: "set", change: { token } });
  started = true;
  if (window.SharedWorker) {
    try {
      const worker = new SharedWorker(`${base}worker.js`, SHARED);
      worker.onerror = startWithoutWorker;
      worker.port.onmessage = ({ data }) => receive(data);
      sendToHost = (message) => worker.port.postMessage(message);
      return hello();
    } catch {
      // A browser, or a frame, that may not have one.
    }
  }
  startWithoutWorker();
}

/** Some browsers do not let frames of another site load a worker. */
function startWithoutWorker() {
  if (window.BroadcastChannel && navigator.locks) lead();
  else startAlone();
}

/** The embed that gets the lock has the stream, and the others ask it; then the next one has it. */
function lead() {
  const channel = new BroadcastChannel(SHARED);
  const own = crypto.randomUUID();
  let host: EmbedHost | undefined;
  channel.onmessage = ({ data: { to, from, message } }) => {
    if (to === own) receive(message);
    else if (to === "all") hello();
    else if (to === "leader") {
      host?.(from, message, (answer) => channel.postMessage({ to: from, message: answer }));
    }
  };
  sendToHost = (message) => {
    if (host) host(own, message, receive);
    else channel.postMessage({ to: "leader", from: own, message });
  };
  const leading = navigator.locks.request(SHARED, () => {
    host = createEmbedHost(createEmbedStream(base));
    hello();
    channel.postMessage({ to: "all" });
    return new Promise(() => {});
  });
  leading.catch(startAlone);
  hello();
}

function startAlone() {
  const host = createEmbedHost(createEmbedStream(base));
  sendToHost = (message) => host(0, message, receive);
  hello();
}

function takeToken(text: unknown) {
  if (typeof text !== "string" || !text || text.length > MAX_TOKEN || /\s/.test(text)) return;
  token = text;
  start();
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || !framed || !isAllowed(origin)) return;
  if (data?.type === "tickstock:hello") {
    // The page's script was loaded after this one and missed what was posted before.
    postSize();
    if (lastStatus) post("status", lastStatus);
    if (!started && locked) requestToken();
  }
  if (data?.type !== "tickstock:token") return;
  parentOrigin ??= origin;
  if (origin === parentOrigin) takeToken(data.token);
});
addEventListener("pagehide", () => sendToHost({ type: "bye" }));
addEventListener("pageshow", ({ persisted }) => persisted && hello());
addEventListener("online", () => sendToHost({ type: "retry" }));
document.addEventListener("visibilitychange", () => {
  const hidden = document.hidden ? Date.now() : undefined;
  sendToHost({ type: "set", change: { hidden } });
  if (!hidden) sendToHost({ type: "retry" });
});
setInterval(() => sendToHost({ type: "alive" }), ALIVE_MS);
new ResizeObserver(postSize).observe(main);

const given = /[#&]token=([^&]*)/.exec(location.hash)?.[1];
// From here on it is in memory, and out of the address bar and the history.
if (given) history.replaceState(null, "", location.pathname + location.search);
if (given && parentOrigin) takeToken(decodeURIComponent(given));
else if (locked) requestToken();
else start();
// A page that starts to listen later is asked again.
const asking = setInterval(() => {
  if (started || !locked) clearInterval(asking);
  else requestToken();
}, 2_000);
