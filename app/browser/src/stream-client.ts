/**
 * The one client of the console's streams: the shared worker of the console's tabs and the embeds
 * use it. It connects, resumes after the last event id, drops a connection that fell silent, and
 * reconnects with a growing, jittered delay.
 *
 * It reads the stream by `fetch` and not by `EventSource`, which can send no `Authorization`, does
 * not tell why it was refused, and never notices a dead connection.
 */
import { createEventParser, type StreamEvent } from "./event-parser.js";

/** First delay before a reconnection, where the server asks for none. */
const RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
/** A refused credential is not tried again as soon as a lost connection is. */
const REFUSED_ATTEMPTS = 4;
const WATCHDOG_MS = 1_000;

export interface StreamRequest extends RequestInit {
  url: string;
}

export interface StreamOptions {
  /** The request of the next connection; none while nobody needs the stream. */
  request(): StreamRequest | undefined;
  onEvent(event: StreamEvent): void;
  /** The connection was lost, or closed by the server; `closed` where the client gives up. */
  onLost(closed: boolean): void;
  /** The server answered with something other than a stream. Returns whether to try again. */
  onRefused(response: Response): boolean | Promise<boolean>;
  /** Silence after which a connection is dead. The server sends a heartbeat every 15 s. */
  silenceMs: number;
}

/** `waiting`: for the next attempt. `closed`: after `close`, or after a refusal that is final. */
export type StreamState = "connecting" | "open" | "waiting" | "closed";

export type StreamClient = ReturnType<typeof createStreamClient>;

/** Delay before the attempt with this number, the first being 0: doubled each time, ±50 %. */
export const retryDelay = (attempt: number, firstMs = RETRY_MS): number =>
  Math.min(MAX_RETRY_MS, firstMs * 2 ** attempt) * (0.5 + Math.random());

export function createStreamClient(options: StreamOptions) {
  let connection: AbortController | undefined;
  let state: StreamState = "closed";
  let lastEventId = "";
  let attempts = 0;
  let retryMs = RETRY_MS;
  let heardAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setInterval> | undefined;

  function close() {
    clearTimeout(timer);
    clearInterval(watchdog);
    connection?.abort();
    connection = undefined;
    state = "closed";
  }

  function connect() {
    close();
    const request = options.request();
    if (!request) return;
    state = "connecting";
    heardAt = Date.now();
    watchdog = setInterval(() => {
      if (Date.now() - heardAt <= options.silenceMs) return;
      options.onLost(false);
      connect();
    }, WATCHDOG_MS);
    connection = new AbortController();
    void follow(request, connection);
  }

  /** Reads one connection to its end. It is left alone once `connection` is another one. */
  async function follow({ url, ...init }: StreamRequest, own: AbortController) {
    let retries = true;
    try {
      const headers = new Headers(init.headers);
      if (lastEventId) headers.set("last-event-id", lastEventId);
      const response = await fetch(url, {
        ...init,
        headers,
        signal: own.signal,
        cache: "no-store",
      });
      const type = response.headers.get("content-type") ?? "";
      if (response.body && response.ok && type.startsWith("text/event-stream")) {
        await read(response.body, own);
      } else {
        if ([401, 403].includes(response.status)) attempts = Math.max(attempts, REFUSED_ATTEMPTS);
        retries = await options.onRefused(response);
      }
    } catch {
      // The connection could not be opened, or broke.
    }
    if (connection !== own) return;
    if (retries) schedule(retryDelay(attempts++, retryMs));
    else close();
    options.onLost(!retries);
  }

  async function read(body: ReadableStream<Uint8Array>, own: AbortController) {
    const parse = createEventParser((ms) => {
      retryMs = ms;
    });
    const decoder = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>;
    const reader = body.pipeThrough(decoder).getReader();
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      heardAt = Date.now();
      for (const event of parse(value)) {
        if (connection !== own) return;
        state = "open";
        attempts = 0;
        lastEventId = event.id || lastEventId;
        options.onEvent(event);
      }
    }
  }

  function schedule(delayMs: number) {
    close();
    state = "waiting";
    timer = setTimeout(connect, delayMs);
  }

  return {
    get state() {
      return state;
    },
    close,
    /** Connects after the event with this id; without one, the stream begins with the state. */
    open(id = "") {
      lastEventId = id;
      connect();
    },
    /** Connects again where the stream left off. The delay is for a burst of reasons to do so. */
    reconnect(delayMs: number) {
      attempts = 0;
      schedule(delayMs);
    },
  };
}
