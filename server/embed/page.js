// An embed's own document: takes the token from its address or from the page around it, and follows the shared stream.
const main = document.querySelector("main"), { base, of, locked } = main.dataset;
const origins = main.dataset.origins.split(" "), framed = parent != window, hello = () => send({ type: "hello", of, token });
const originOf = (text) => (URL.canParse(text) ? new URL(text).origin : undefined);
const allowed = (origin) => origins.includes(origin) || origin == location.origin;
let send = () => {}, token, asked = 0, started = false;
// The page around this one, where the browser says who that is; else it is known by its first message.
let around = framed ? [location.ancestorOrigins?.[0] ?? originOf(document.referrer)].find(allowed) : location.origin;

// What tells nothing goes to whoever is there; the rest to the page that may have it.
const post = (type, body, open) => {
  const target = around ?? (open && "*");
  if (framed && target) parent.postMessage({ type: "tickstock:" + type, ...body }, target);
};
const needToken = () => {
  if (Date.now() - asked < 1e3) return;
  asked = Date.now();
  post("needtoken", { of }, true);
};
const size = () => post("size", { height: Math.ceil(main.getBoundingClientRect().height) }, true);
let said;
const view = createView(main, (type, detail) => {
  if (type == "statuschange") post("status", (said = detail));
  else post(type, detail);
});

function receive(message) {
  if (message.type == "needtoken") return needToken();
  if (message.type == "hello") return hello();
  // A token that another portal's page got hold of shows nothing there.
  const origin = message.type == "opened" && (message.origin == "self" ? location.origin : message.origin);
  if (origin && framed && origin != around) {
    send({ type: "bye" });
    return view.receive({ type: "refused", message: "the token is for another page than the one around this" });
  }
  view.receive(message);
}

function start() {
  if (started) return send({ type: "set", change: { token } });
  started = true;
  if (window.SharedWorker) {
    try {
      const worker = new SharedWorker(base + "worker.js", "tickstock-embed");
      worker.onerror = others;
      worker.port.onmessage = ({ data }) => receive(data);
      send = (message) => worker.port.postMessage(message);
      return hello();
    } catch {
      // A browser, or a frame, that may not have one.
    }
  }
  others();
}

// Where there is no worker, as where a browser does not let frames of another site load one.
function others() {
  if (window.BroadcastChannel && navigator.locks) lead();
  else alone();
}

// One of the embeds has the lock and the stream, and the others ask it; when it goes, the next one has the lock.
function lead() {
  const channel = new BroadcastChannel("tickstock-embed"), me = crypto.randomUUID();
  let host;
  channel.onmessage = ({ data: { to, from, message } }) => {
    if (to == me) receive(message);
    else if (to == "all") hello();
    else if (host && to == "leader") host(from, message, (message) => channel.postMessage({ to: from, message }));
  };
  send = (message) => (host ? host(me, message, receive) : channel.postMessage({ to: "leader", from: me, message }));
  const leading = navigator.locks.request("tickstock-embed", () => {
    host = serve(createStream(base));
    hello();
    channel.postMessage({ to: "all" });
    return new Promise(() => {});
  });
  leading.catch(alone);
  hello();
}

function alone() {
  const host = serve(createStream(base));
  send = (message) => host(0, message, receive);
  hello();
}

function take(text) {
  if (typeof text != "string" || !text || text.length > 4096 || /\s/.test(text)) return;
  token = text;
  start();
}

addEventListener("message", ({ source, origin, data }) => {
  if (source != parent || !framed || !allowed(origin)) return;
  if (data?.type == "tickstock:hello") {
    // The helper's script came after this document: what was said before, it has not heard.
    size();
    if (said) post("status", said);
    if (!started && locked != null) needToken();
  }
  if (data?.type != "tickstock:token") return;
  around ??= origin;
  if (origin == around) take(data.token);
});
addEventListener("pagehide", () => send({ type: "bye" }));
addEventListener("pageshow", ({ persisted }) => persisted && hello());
addEventListener("online", () => send({ type: "retry" }));
document.addEventListener("visibilitychange", () => {
  send({ type: "set", change: { hidden: document.hidden ? Date.now() : undefined } });
  if (!document.hidden) send({ type: "retry" });
});
setInterval(() => send({ type: "alive" }), 3e4);
new ResizeObserver(size).observe(main);

const given = /[#&]token=([^&]*)/.exec(location.hash)?.[1];
// It is in memory now, and needs not stand in the address any more.
if (given) history.replaceState(null, "", location.pathname + location.search);
if (given && around) take(decodeURIComponent(given));
else if (locked == null) start();
else needToken();
// A page that listens only later is asked again.
const asking = setInterval(() => (started || locked == null ? clearInterval(asking) : needToken()), 2e3);
