/**
 * The script of a page that embeds views: the element
 * `<tickstock-run-status src="https://console.example" view="status">`, and help for frames.
 */
import type { EmbedMessage } from "./messages.js";
import { createEmbedStream, type EmbedStream } from "./stream.js";
import { provideToken } from "./tokens.js";
import { createView, type View } from "./view.js";

const SHELL = `<div class="embed" part="embed" data-freshness="connecting"><p class="notice" role="status" hidden></p><div class="content"></div><footer class="foot"><span class="brand">TickStock</span> <span class="fresh"><i></i> <span class="fresh-word">Connecting</span></span></footer></div>`;

const ownUrl = (document.currentScript as HTMLScriptElement | null)?.src;
/** By the address of the console: one stream and one style sheet for all elements of the page. */
const streams = new Map<string, EmbedStream>();
const styles = new Map<string, Promise<CSSStyleSheet>>();
let count = 0;

function getOrCreate<T>(map: Map<string, T>, key: string, create: () => T): T {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}

async function loadStyle(base: string): Promise<CSSStyleSheet> {
  const response = await fetch(`${base}embed.css`, { credentials: "omit" });
  return new CSSStyleSheet().replace(await response.text());
}

class RunStatus extends HTMLElement {
  static observedAttributes = [
    "src",
    "view",
    "run-id",
    "theme",
    "accent",
    "density",
    "tz",
    "sections",
    "token",
    "token-provider",
  ];
  #id = ++count;
  #view: View | undefined;
  #stream: EmbedStream | undefined;
  #token: string | undefined;

  connectedCallback() {
    const get = (name: string) => this.getAttribute(name) ?? "";
    const src = get("src");
    const base = src
      ? new URL(src.replace(/\/?$/, "/embed/v1/"), location.href).href
      : new URL(".", ownUrl).href;
    const name = get("view") || "status";
    const of = name === "run" ? `run/${encodeURIComponent(get("run-id"))}` : name;
    const query = new URLSearchParams(
      ["tz", "sections"].map((name) => [name, get(name)]).filter(([, value]) => value),
    );
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    shadow.innerHTML = SHELL;
    const root = shadow.firstChild as HTMLElement;
    const accent = get("accent");
    const zone = get("tz");
    root.dataset.theme = get("theme");
    root.dataset.density = get("density");
    root.dataset.zone = zone === "" || zone === "exchange" ? "America/New_York" : zone;
    if (/^#?[0-9a-f]{3,6}$/i.test(accent)) {
      root.style.setProperty("--tickstock-accent", accent.replace(/^#?/, "#"));
    }
    getOrCreate(styles, base, () => loadStyle(base)).then(
      (sheet) => {
        shadow.adoptedStyleSheets = [sheet];
      },
      () => styles.delete(base),
    );
    const emit = (type: string, detail: object) =>
      this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    const view = createView(root, emit);
    const stream = getOrCreate(streams, base, () => createEmbedStream(base));
    this.#view = view;
    this.#stream = stream;
    const provider = get("token-provider");
    const requestToken = async () => {
      emit("needtoken", { of });
      const token = provider && (await provideToken(provider, of));
      if (token && this.isConnected) this.token = token;
    };
    const receive = (message: EmbedMessage) => {
      if (message.type === "needtoken") requestToken();
      else if (message.type !== "hello") view.receive(message);
    };
    const subscribe = () => stream.add(this.#id, `${of}?${query}`, this.#token, receive);
    if (provider && !this.#token) requestToken().then(() => this.isConnected && subscribe());
    else subscribe();
  }

  disconnectedCallback() {
    this.#view?.stop();
    this.#stream?.remove(this.#id);
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null) {
    if (name === "token") {
      this.token = value ?? undefined;
      return;
    }
    if (!this.#view || !this.isConnected) return;
    this.disconnectedCallback();
    this.connectedCallback();
  }

  /** The token, for pages that bring it by themselves. */
  set token(token: string | undefined) {
    this.#token = token;
    this.#stream?.set(this.#id, { token });
  }
}

addEventListener("online", () => {
  for (const stream of streams.values()) stream.retry();
});
document.addEventListener("visibilitychange", () => {
  for (const stream of streams.values()) {
    stream.hide(document.hidden ? Date.now() : undefined);
    if (!document.hidden) stream.retry();
  }
});

// Frames that are marked with data-tickstock get their height, tokens and events from here.
addEventListener("message", async ({ source, origin, data }) => {
  const frames = document.querySelectorAll<HTMLIFrameElement>("iframe[data-tickstock]");
  const frame = [...frames].find((frame) => frame.contentWindow === source);
  if (!frame || origin !== new URL(frame.src, location.href).origin) return;
  const { type, ...detail } = data ?? {};
  const { tokenProvider } = frame.dataset;
  const emit = (type: string) =>
    frame.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  if (type === "tickstock:size") frame.style.height = `${+detail.height}px`;
  else if (type === "tickstock:status") emit("statuschange");
  else if (type === "tickstock:stale") emit("stale");
  else if (type === "tickstock:needtoken") {
    emit("needtoken");
    const token = tokenProvider && (await provideToken(tokenProvider, detail.of));
    if (token) frame.contentWindow?.postMessage({ type: "tickstock:token", token }, origin);
  }
});

for (const frame of document.querySelectorAll<HTMLIFrameElement>("iframe[data-tickstock]")) {
  frame.contentWindow?.postMessage({ type: "tickstock:hello" }, "*");
}

if (!customElements.get("tickstock-run-status")) {
  customElements.define("tickstock-run-status", RunStatus);
}
