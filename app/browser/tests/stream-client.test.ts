import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { StreamEvent } from "../src/event-parser.js";
import { createStreamClient, retryDelay } from "../src/stream-client.js";
import { advance, event, type FakeConnection, fakeWorld } from "./support.js";

const SILENCE_MS = 40_000;

function start(context: TestContext, { retriesRefusals = true, open = "" } = {}) {
  const connections = fakeWorld(context);
  const events: StreamEvent[] = [];
  const losses: boolean[] = [];
  const refusals: number[] = [];
  const client = createStreamClient({
    request: () => ({ url: "/stream" }),
    onEvent: (event) => events.push(event),
    onLost: (closed) => losses.push(closed),
    onRefused: ({ status }) => {
      refusals.push(status);
      return retriesRefusals;
    },
    silenceMs: SILENCE_MS,
  });
  context.after(() => client.close());
  client.open(open);
  const connection = (index: number) => connections[index] as FakeConnection;
  return { client, connections, connection, events, losses, refusals };
}

test("a stream is open from its first event on", async (context) => {
  const { client, connection, events } = start(context);
  assert.equal(client.state, "connecting");
  await connection(0).accept();
  assert.equal(client.state, "connecting");
  await connection(0).send(event("snapshot", "{}", "7-1"));
  assert.equal(client.state, "open");
  assert.deepEqual(events, [{ type: "snapshot", data: "{}", id: "7-1" }]);
});

test("a new stream asks for everything, a resumed one for what follows", async (context) => {
  const { connection } = start(context);
  assert.equal(connection(0).headers.get("last-event-id"), null);
  await connection(0).accept(event("frame", "{}", "7-2") + event("heartbeat", "{}"));
  await connection(0).end();
  await advance(500);
  assert.equal(connection(1).headers.get("last-event-id"), "7-2");
});

test("a stream can be opened after an id", (context) => {
  const { client, connection } = start(context, { open: "7-5" });
  assert.equal(connection(0).headers.get("last-event-id"), "7-5");
  client.open();
  assert.equal(connection(1).headers.get("last-event-id"), null);
  assert.ok(connection(0).aborted);
});

test("attempts are spaced further and further, up to 10 s", async (context) => {
  const { client, connections, connection, losses } = start(context);
  for (const [attempt, delay] of [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000].entries()) {
    await connection(attempt).fail();
    assert.equal(client.state, "waiting");
    await advance(delay - 1);
    assert.equal(connections.length, attempt + 1);
    await advance(1);
    assert.equal(connections.length, attempt + 2);
  }
  assert.ok(losses.every((closed) => !closed));
});

test("an event ends the spacing of attempts", async (context) => {
  const { connections, connection } = start(context);
  await connection(0).fail();
  await advance(500);
  await connection(1).accept(event("heartbeat", "{}"));
  await connection(1).end();
  await advance(500);
  assert.equal(connections.length, 3);
});

test("the server's reconnection time is the first delay", async (context) => {
  const { connections, connection } = start(context);
  await connection(0).accept(`retry: 2000\n\n${event("bye", "{}")}`);
  await connection(0).end();
  await advance(1_999);
  assert.equal(connections.length, 1);
  await advance(1);
  assert.equal(connections.length, 2);
});

test("delays are jittered by half", () => {
  for (let sample = 0; sample < 100; sample++) {
    const delay = retryDelay(3);
    assert.ok(delay >= 2_000 && delay < 6_000, `${delay}`);
  }
});

test("a silent stream is replaced, a heartbeat keeps it", async (context) => {
  const { connections, connection, losses } = start(context);
  await connection(0).accept(event("snapshot", "{}", "7-1"));
  await advance(SILENCE_MS - 1_000);
  await connection(0).send(event("heartbeat", "{}"));
  await advance(SILENCE_MS);
  assert.equal(connections.length, 1);
  await advance(1_000);
  assert.equal(connections.length, 2);
  assert.ok(connection(0).aborted);
  assert.deepEqual(losses, [false]);
  assert.equal(connection(1).headers.get("last-event-id"), "7-1");
});

test("a connection that is never answered is replaced", async (context) => {
  const { connections, connection } = start(context);
  await advance(SILENCE_MS + 1_000);
  assert.equal(connections.length, 2);
  assert.ok(connection(0).aborted);
});

test("a final refusal closes the client", async (context) => {
  const { client, connections, connection, losses, refusals } = start(context, {
    retriesRefusals: false,
  });
  await connection(0).refuse(429);
  await advance(60_000);
  assert.equal(client.state, "closed");
  assert.equal(connections.length, 1);
  assert.deepEqual([losses, refusals], [[true], [429]]);
});

test("a refused credential is tried again later than a lost connection", async (context) => {
  const { connections, connection } = start(context);
  await connection(0).refuse(401);
  await advance(7_999);
  assert.equal(connections.length, 1);
  await advance(1);
  assert.equal(connections.length, 2);
});

test("an answer that is no stream is a refusal", async (context) => {
  const { connection, events, refusals } = start(context);
  await connection(0).refuse(200, "<html>Sign in</html>");
  assert.deepEqual(refusals, [200]);
  assert.deepEqual(events, []);
});

test("nothing is heard of a connection that was replaced", async (context) => {
  const { client, connection, events, losses } = start(context);
  await connection(0).accept();
  client.open("7-9");
  await connection(0).send(event("frame", "{}", "7-1"));
  assert.deepEqual([events, losses], [[], []]);
});

test("an event that reopens the stream is the last one of its chunk", async (context) => {
  const { client, connection, events } = start(context);
  const { push } = events;
  events.push = (...args) => {
    client.open();
    return push.apply(events, args);
  };
  await connection(0).accept(event("frame", "1", "7-1") + event("frame", "2", "7-2"));
  assert.deepEqual(
    events.map(({ data }) => data),
    ["1"],
  );
});

test("a burst of reasons to reconnect opens one connection", async (context) => {
  const { client, connections } = start(context);
  for (let reason = 0; reason < 5; reason++) client.reconnect(20);
  await advance(20);
  assert.equal(connections.length, 2);
});

test("a closed client stays closed", async (context) => {
  const { client, connections, connection } = start(context);
  await connection(0).accept(event("snapshot", "{}", "7-1"));
  client.close();
  await advance(120_000);
  assert.equal(client.state, "closed");
  assert.equal(connections.length, 1);
});
