/**
 * One stream of a console for all embeds of a page or worker. It requests the views that are
 * subscribed to, passes each subscription what is its own, and tells how fresh that is.
 */
import type { StreamEvent } from "../event-parser.js";
import { createStreamClient } from "../stream-client.js";
import type {
  EmbedMessage,
  Freshness,
  OpenedView,
  Push,
  SubscriptionChange,
  ViewUpdate,
} from "./messages.js";

/** Collects the subscriptions of a page that is being built. */
const SUBSCRIBE_MS = 20;
/** A stream that ends for a new token waits for that token. */
const RENEW_MS = 3_000;
const RECONNECTING_MS = 3_000;
const STALE_MS = 10_000;
const SILENCE_MS = 40_000;
/** A view that nobody has seen for this long is no longer requested. */
const HIDDEN_MS = 300_000;
const DAY_MS = 86_400_000;
/** Views and tokens of one stream that the server accepts. */
const MAX_VIEWS = 16;

interface Subscription extends SubscriptionChange {
  of: string;
  push: Push;
}

interface OpenedEvent {
  at: number;
  views: OpenedView[];
  refused: { of: string; message: string; token?: boolean }[];
}

export type EmbedStream = ReturnType<typeof createEmbedStream>;

/** `base` is the address under which `events` is, with its final slash. */
export function createEmbedStream(base: string) {
  const subscriptions = new Map<unknown, Subscription>();
  const opened = new Map<string, OpenedView>();
  const updates = new Map<string, ViewUpdate>();
  let tokens: string[] = [];
  /** The address and the tokens of the present connection. */
  let requested = "";
  let fresh: Freshness = "connecting";
  let lostAt = Date.now();
  let confirmedAt = 0;
  let skew = 0;
  let renewal: ReturnType<typeof setTimeout> | undefined;
  let ticker: ReturnType<typeof setInterval> | undefined;

  const client = createStreamClient({
    request() {
      lostAt ||= Date.now();
      const next = plan();
      requested = next.key;
      if (!requested) return;
      tokens = next.tokens;
      return {
        url: next.url,
        ...(tokens.length > 0 && { headers: { authorization: `Embed ${tokens.join(" ")}` } }),
        credentials: "omit",
        referrerPolicy: "no-referrer",
      };
    },
    onEvent: receive,
    onLost() {
      lostAt ||= Date.now();
    },
    async onRefused(response) {
      const { message } = await response.json().catch(() => ({}));
      const { status } = response;
      if (status === 401 || status === 403) refuse(message, status === 401);
      return true;
    },
    silenceMs: SILENCE_MS,
  });

  const visible = () =>
    [...subscriptions.values()].filter(({ hidden }) => !hidden || Date.now() - hidden <= HIDDEN_MS);

  /** A view belongs to the token of its own subscription, and to no other. */
  const label = ({ of, token }: Subscription, all = tokens) =>
    token ? `${all.indexOf(token)}!${of}` : of;

  /** The request for all that is subscribed to; an empty key where that is nothing. */
  function plan() {
    const all = visible();
    const tokens = unique(all.flatMap(({ token }) => token || []));
    const views = unique(all.map((subscription) => label(subscription, tokens)));
    const url = `${base}events?${views.map((of) => `of=${encodeURIComponent(of)}`).join("&")}`;
    return { url, tokens, key: views.length > 0 ? url + tokens : "" };
  }

  function send(message: EmbedMessage, to: (subscription: Subscription) => boolean = () => true) {
    for (const subscription of subscriptions.values()) {
      if (to(subscription)) subscription.push(message);
    }
  }

  const freshness = (): EmbedMessage => ({ type: "fresh", fresh, at: confirmedAt, skew });

  function setFreshness(next: Freshness) {
    if (next === fresh) return;
    fresh = next;
    send(freshness());
  }

  function confirm(at: number) {
    confirmedAt = at;
    skew = at - Date.now();
  }

  function refuse(message: string | undefined, needsToken = false, of?: string) {
    const to = (subscription: Subscription) => !of || label(subscription) === of;
    send({ type: "refused", message }, to);
    if (needsToken) send({ type: "needtoken" }, to);
  }

  const requestTokens = () => send({ type: "needtoken" }, ({ token }) => !!token);

  function receive({ type, data }: StreamEvent) {
    const body = JSON.parse(data);
    if (type === "opened") receiveOpened(body);
    else if (type === "view") receiveView(body);
    else if (type === "heartbeat") confirm(body.at);
    else if (type === "renew") {
      requestTokens();
      lostAt = Date.now();
      client.reconnect(RENEW_MS);
    }
  }

  function receiveOpened({ at, views, refused }: OpenedEvent) {
    confirm(at);
    lostAt = 0;
    opened.clear();
    for (const view of views) {
      opened.set(view.of, view);
      send({ type: "opened", ...view }, (subscription) => label(subscription) === view.of);
    }
    fresh = "live";
    send(freshness());
    for (const { of, message, token } of refused) refuse(message, token, of);
    renew(Math.min(...views.map(({ expires = Number.POSITIVE_INFINITY }) => expires)));
  }

  function receiveView(update: ViewUpdate) {
    confirm(update.at);
    updates.set(update.key, update);
    send(
      { type: "view", skew, ...update },
      (subscription) => opened.get(label(subscription))?.key === update.key,
    );
  }

  /** Asks for tokens a minute before the first one ends, or after three quarters of its time. */
  function renew(expires: number) {
    clearTimeout(renewal);
    const left = expires - Date.now() - skew;
    if (left < DAY_MS) renewal = setTimeout(requestTokens, left - Math.min(60_000, left / 4));
  }

  function tick() {
    const lostMs = lostAt && Date.now() - lostAt;
    if (lostMs > STALE_MS) setFreshness("stale");
    else if (lostMs > RECONNECTING_MS && fresh === "live") setFreshness("reconnecting");
    if (requested && visible().length === 0) close();
  }

  function close() {
    lostAt ||= Date.now();
    requested = "";
    client.close();
  }

  /** Connects again where other views or tokens are subscribed to than were requested. */
  function update() {
    if (plan().key !== requested) client.reconnect(SUBSCRIBE_MS);
  }

  return {
    add(id: unknown, of: string, token: string | undefined, push: Push) {
      const subscription: Subscription = { of, token, push };
      subscriptions.set(id, subscription);
      ticker ??= setInterval(tick, 1_000);
      const view = opened.get(label(subscription));
      if (plan().key !== requested || !view || lostAt) return client.reconnect(SUBSCRIBE_MS);
      push({ type: "opened", ...view });
      push(freshness());
      const latest = updates.get(view.key);
      if (latest) push({ type: "view", skew, ...latest });
    },
    set(id: unknown, change: SubscriptionChange) {
      const subscription = subscriptions.get(id);
      if (!subscription) return;
      Object.assign(subscription, change);
      update();
    },
    /** Sets since when nobody sees any of the views. */
    hide(hidden: number | undefined) {
      for (const subscription of subscriptions.values()) subscription.hidden = hidden;
      update();
    },
    remove(id: unknown) {
      subscriptions.delete(id);
      if (subscriptions.size > 0) return;
      clearInterval(ticker);
      ticker = undefined;
      close();
    },
    /** Connects at once where the stream is lost. */
    retry() {
      if (lostAt) client.reconnect(SUBSCRIBE_MS);
    },
  };
}

const unique = (texts: string[]) => [...new Set(texts)].slice(0, MAX_VIEWS);
