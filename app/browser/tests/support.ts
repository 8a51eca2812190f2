import { mock, type TestContext } from "node:test";

/** One request that the client under test has made, with the means to answer it. */
export class FakeConnection {
  readonly url: string;
  readonly headers: Headers;
  aborted = false;
  #resolve: (response: Response) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly response = new Promise<Response>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  constructor(url: string, init: RequestInit) {
    this.url = url;
    this.headers = new Headers(init.headers);
    init.signal?.addEventListener("abort", () => {
      this.aborted = true;
      this.#reject(new Error("aborted"));
    });
  }

  /** Answers with a stream, which begins with this text. */
  async accept(text = "") {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#body = controller;
      },
    });
    this.#resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
    await this.send(text);
  }

  async send(text: string) {
    this.#body?.enqueue(new TextEncoder().encode(text));
    await settle();
  }

  async refuse(status: number, body = "{}") {
    this.#resolve(new Response(body, { status }));
    await settle();
  }

  async fail() {
    this.#reject(new TypeError("network error"));
    await settle();
  }

  /** The server closes the stream. */
  async end() {
    this.#body?.close();
    await settle();
  }
}

/** Lets all that is ready happen; time stands still. */
export async function settle() {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Advances the clock, and lets what it triggers happen. */
export async function advance(ms: number) {
  mock.timers.tick(ms);
  await settle();
}

/** Replaces network, clock and chance for one test; gives the connections in their order. */
export function fakeWorld(context: TestContext): FakeConnection[] {
  const connections: FakeConnection[] = [];
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
  mock.method(Math, "random", () => 0.5);
  mock.method(globalThis, "fetch", (url: string, init: RequestInit) => {
    const connection = new FakeConnection(url, init);
    connections.push(connection);
    return connection.response;
  });
  context.after(() => mock.reset());
  context.after(() => mock.timers.reset());
  return connections;
}

export const event = (type: string, data: object | string, id?: string): string =>
  `${id ? `id: ${id}\n` : ""}event: ${type}\ndata: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
