/** One view on the page: shows what the stream sends, ticks its clocks, and tells how old it is. */
import type { Freshness, ViewMessage } from "./messages.js";

const WORDS: Record<Freshness, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  stale: "Stale",
};

/** What a page can listen to: `statuschange` and `stale`. */
export type Emit = (type: "statuschange" | "stale", detail: object) => void;

export type View = ReturnType<typeof createView>;

/** A duration as the server writes it, such as `3 min 04 s`. */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const m = Math.floor(s / 60);
  const two = (n: number) => String(n % 60).padStart(2, "0");
  if (s < 60) return `${s}\u00a0s`;
  if (m < 60) return `${m}\u00a0min\u00a0${two(s)}\u00a0s`;
  return `${Math.floor(m / 60)}\u00a0h\u00a0${two(m)}\u00a0min`;
}

/** `root` is the element of class `embed`. */
export function createView(root: HTMLElement, emit: Emit) {
  const find = (name: string) => root.querySelector<HTMLElement>(`.${name}`) as HTMLElement;
  const content = find("content");
  const notice = find("notice");
  let skew = 0;
  let fresh: Freshness | "refused" = "connecting";
  let zone = root.dataset.zone;
  let state: string | undefined;
  let html: string | undefined;

  const formatTime = (at: number) =>
    new Intl.DateTimeFormat("en-US", {
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      timeZoneName: "short",
      timeZone: zone,
    }).format(at);

  const showNotice = (text: string) => {
    notice.textContent = text;
    notice.hidden = !text;
  };

  const setFresh = (next: Freshness | "refused") => {
    fresh = root.dataset.freshness = next;
  };

  const tick = () => {
    if (fresh !== "live") return;
    for (const element of content.querySelectorAll<HTMLElement>("[data-since]")) {
      const ms = Date.now() + skew - Number(element.dataset.since);
      element.textContent = formatDuration(ms / 1_000);
    }
  };
  const ticker = setInterval(tick, 1_000);

  function receive(message: ViewMessage) {
    if (message.type === "opened") {
      if (fresh === "refused") fresh = "connecting";
      zone = message.zone ?? zone;
      const themed = root.closest("html") ?? root;
      if (message.theme) themed.dataset.theme = message.theme;
      if (message.density) themed.dataset.density = message.density;
      if (message.accent) root.style.setProperty("--tickstock-accent", message.accent);
    } else if (message.type === "view") {
      skew = message.skew;
      if (html !== message.html) content.innerHTML = html = message.html;
      tick();
      if (state === message.state) return;
      state = message.state;
      emit("statuschange", { state, sentence: message.sentence, at: message.at });
    } else if (message.type === "refused") {
      html = state = undefined;
      content.textContent = "";
      setFresh("refused");
      showNotice(`Cannot show this view: ${message.message ?? "the console refused it"}.`);
    } else if (fresh !== "refused") {
      if (message.skew) skew = message.skew;
      const wasStale = fresh === "stale";
      const stale = message.fresh === "stale";
      setFresh(message.fresh);
      find("fresh-word").textContent = WORDS[message.fresh];
      const from = message.at && html ? ` Showing data from ${formatTime(message.at)}.` : "";
      showNotice(stale ? `Live updates paused.${from}` : "");
      if (stale || wasStale) emit("stale", { stale, at: message.at });
    }
  }

  return { receive, stop: () => clearInterval(ticker) };
}
