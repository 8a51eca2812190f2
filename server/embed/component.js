// <tickstock-run-status src="https://console.example" view="status"></tickstock-run-status>, and helpers for frames.
const own = document.currentScript?.src, streams = new Map(), styles = new Map(), tokens = new Map();
const once = (map, key, make) => map.get(key) ?? (map.set(key, make()), map.get(key));
const SHELL = `<div class="embed" part="embed" data-fresh="connecting"><p class="notice" role="status" hidden></p><div class="content"></div><footer class="foot"><span class="brand">TickStock</span> <span class="fresh"><i></i> <span class="fresh-word">Connecting</span></span></footer></div>`;
let count = 0;

// A token from a provider: an address on the portal, or the name of a function. Those who ask at once get the same.
function provide(provider, of) {
  const key = provider + of, known = tokens.get(key);
  if (known && Date.now() - known.at < 2e3) return known.token;
  const call = async () => {
    if (!/[/.]/.test(provider)) return window[provider]?.({ of });
    const answer = await fetch(`${provider}${provider.includes("?") ? "&" : "?"}of=${encodeURIComponent(of)}`, { cache: "no-store" });
    const text = answer.ok ? await answer.text() : "";
    return text.startsWith("{") ? JSON.parse(text).token : text.trim();
  };
  const token = call().catch(() => undefined);
  tokens.set(key, { at: Date.now(), token });
  return token;
}

const styleOf = (base) =>
  once(styles, base, async () => {
    const answer = await fetch(base + "embed.css", { credentials: "omit" });
    return new CSSStyleSheet().replace(await answer.text());
  });

class RunStatus extends HTMLElement {
  static observedAttributes = ["src", "view", "run-id", "theme", "accent", "density", "tz", "sections", "token", "token-provider"];
  #id = ++count;
  #view;
  #stream;
  #token;

  connectedCallback() {
    const get = (name) => this.getAttribute(name) ?? "", src = get("src");
    const base = src ? new URL(src.replace(/\/?$/, "/embed/v1/"), location).href : new URL(".", own).href;
    const view = get("view") || "status", of = view == "run" ? `run/${encodeURIComponent(get("run-id"))}` : view;
    const asked = new URLSearchParams(["tz", "sections"].map((name) => [name, get(name)]).filter(([, value]) => value));
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    shadow.innerHTML = SHELL;
    const root = shadow.firstChild, accent = get("accent");
    root.dataset.theme = get("theme");
    root.dataset.density = get("density");
    root.dataset.zone = get("tz") in { "": 1, exchange: 1 } ? "America/New_York" : get("tz");
    if (/^#?[0-9a-f]{3,6}$/i.test(accent)) root.style.setProperty("--tickstock-accent", accent.replace(/^#?/, "#"));
    styleOf(base).then((sheet) => (shadow.adoptedStyleSheets = [sheet]), () => styles.delete(base));
    const emit = (type, detail) => this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    this.#view = createView(root, emit);
    this.#stream = once(streams, base, () => createStream(base));
    const ask = async () => {
      emit("needtoken", { of });
      const provider = get("token-provider"), token = provider && (await provide(provider, of));
      if (token && this.isConnected) this.token = token;
    };
    const receive = (message) => (message.type == "needtoken" ? ask() : this.#view.receive(message));
    const add = () => this.#stream.add(this.#id, `${of}?${asked}`, this.#token, receive);
    if (get("token-provider") && !this.#token) ask().then(() => this.isConnected && add());
    else add();
  }

  disconnectedCallback() {
    this.#view?.stop();
    this.#stream?.remove(this.#id);
  }

  attributeChangedCallback(name, _, value) {
    if (name == "token") return (this.token = value ?? undefined);
    if (!this.#view || !this.isConnected) return;
    this.disconnectedCallback();
    this.connectedCallback();
  }

  /** The token, for hosts that bring it by themselves. */
  set token(token) {
    this.#token = token;
    this.#stream?.set(this.#id, { token });
  }
}

const all = (act) => streams.forEach((stream) => act(stream));
addEventListener("online", () => all((stream) => stream.retry()));
document.addEventListener("visibilitychange", () =>
  all((stream) => (stream.hide(document.hidden ? Date.now() : undefined), document.hidden || stream.retry())),
);

// Frames that are marked with data-tickstock get their height, their tokens and their events from here.
addEventListener("message", async ({ source, origin, data }) => {
  const frame = [...document.querySelectorAll("iframe[data-tickstock]")].find((frame) => frame.contentWindow == source);
  if (!frame || origin != new URL(frame.src, location).origin) return;
  const { type, ...detail } = data ?? {}, { tokenProvider } = frame.dataset;
  if (type == "tickstock:size") frame.style.height = `${+detail.height}px`;
  else if (type == "tickstock:status") frame.dispatchEvent(new CustomEvent("statuschange", { detail, bubbles: true }));
  else if (type == "tickstock:stale") frame.dispatchEvent(new CustomEvent("stale", { detail, bubbles: true }));
  else if (type == "tickstock:needtoken") {
    frame.dispatchEvent(new CustomEvent("needtoken", { detail, bubbles: true }));
    const token = tokenProvider && (await provide(tokenProvider, detail.of));
    if (token) source.postMessage({ type: "tickstock:token", token }, origin);
  }
});

for (const frame of document.querySelectorAll("iframe[data-tickstock]")) frame.contentWindow?.postMessage({ type: "tickstock:hello" }, "*");

customElements.get("tickstock-run-status") ?? customElements.define("tickstock-run-status", RunStatus);
