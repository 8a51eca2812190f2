import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { EmbedMessage } from "../src/embed/messages.js";
import { createEmbedStream } from "../src/embed/stream.js";
import { advance, event, type FakeConnection, fakeWorld } from "./support.js";

const START = 1_000_000;

function start(context: TestContext) {
  const connections = fakeWorld(context);
  const stream = createEmbedStream("/embed/v1/");
  const ids: number[] = [];
  const add = (of: string, token?: string) => {
    const got: EmbedMessage[] = [];
    const id = ids.push(ids.length);
    stream.add(id, of, token, (message) => got.push(message));
    return { id, got, types: () => got.map(({ type }) => type) };
  };
  context.after(() => {
    for (let id = 1; id <= ids.length; id++) stream.remove(id);
  });
  const connection = (index: number) => connections[index] as FakeConnection;
  return { stream, connections, connection, add };
}

const opened = (...views: object[]) => event("opened", { at: START, views, refused: [] });
const view = (key: string, html: string) =>
  event("view", { key, html, state: "running", sentence: "", at: START });

test("embeds that are added at once are requested at once", async (context) => {
  const { connections, connection, add } = start(context);
  add("status");
  add("runs?tz=UTC");
  add("status");
  await advance(20);
  assert.equal(connections.length, 1);
  assert.equal(connection(0).url, "/embed/v1/events?of=status&of=runs%3Ftz%3DUTC");
  assert.equal(connection(0).headers.get("authorization"), null);
});

test("each embed gets its own view, a later one what is known", async (context) => {
  const { connections, connection, add } = start(context);
  const status = add("status");
  const runs = add("runs");
  await advance(20);
  await connection(0).accept(
    opened({ of: "status", key: "s" }, { of: "runs", key: "r" }) + view("s", "<b>1</b>"),
  );
  assert.deepEqual(status.types(), ["opened", "fresh", "view"]);
  assert.deepEqual(runs.types(), ["opened", "fresh"]);
  assert.deepEqual(add("status").types(), ["opened", "fresh", "view"]);
  await advance(1_000);
  assert.equal(connections.length, 1);
});

test("a view is opened by the token of its own embed", async (context) => {
  const { connection, add } = start(context);
  const open = add("status");
  const locked = add("status", "t1");
  await advance(20);
  assert.equal(connection(0).url, "/embed/v1/events?of=status&of=0!status");
  assert.equal(connection(0).headers.get("authorization"), "Embed t1");
  await connection(0).accept(
    event("opened", {
      at: START,
      views: [{ of: "0!status", key: "s" }],
      refused: [{ of: "status", message: "a token is needed", token: true }],
    }),
  );
  assert.deepEqual(locked.types(), ["opened", "fresh"]);
  assert.deepEqual(open.types(), ["fresh", "refused", "needtoken"]);
});

test("a lost stream is reconnecting after 3 s, stale after 10 s, then live", async (context) => {
  const { connections, connection, add } = start(context);
  const { got } = add("status");
  const freshness = () => got.map((message) => message.type === "fresh" && message.fresh).at(-1);
  await advance(20);
  await connection(0).accept(opened({ of: "status", key: "s" }));
  await connection(0).end();
  for (let second = 0; second < 12; second++) {
    for (const attempt of connections.slice(1)) await attempt.fail();
    await advance(1_000);
    const expected = second < 3 ? "live" : second < 10 ? "reconnecting" : "stale";
    assert.equal(freshness(), expected, `after ${second + 1} s`);
  }
  await advance(10_000);
  const last = connections.at(-1) as FakeConnection;
  await last.accept(opened({ of: "status", key: "s" }));
  assert.equal(freshness(), "live");
});

test("a refusal is told with its reason, and a token is asked for on 401", async (context) => {
  const { connection, add } = start(context);
  const { got } = add("status", "t1");
  await advance(20);
  await connection(0).refuse(401, '{"message":"the token has expired"}');
  assert.deepEqual(got, [
    { type: "refused", message: "the token has expired" },
    { type: "needtoken" },
  ]);
});

test("tokens are asked for before they end, and the stream reopens with them", async (context) => {
  const { stream, connections, connection, add } = start(context);
  const embed = add("status", "t1");
  await advance(20);
  await connection(0).accept(opened({ of: "0!status", key: "s", expires: START + 20_000 }));
  await advance(14_990);
  assert.ok(!embed.types().includes("needtoken"));
  await advance(20);
  assert.ok(embed.types().includes("needtoken"));
  stream.set(embed.id, { token: "t2" });
  await advance(20);
  assert.equal(connections.length, 2);
  assert.equal(connection(1).headers.get("authorization"), "Embed t2");
});

test("a view that is hidden for five minutes is not requested", async (context) => {
  const { stream, connections, connection, add } = start(context);
  add("status");
  await advance(20);
  await connection(0).accept(opened({ of: "status", key: "s" }));
  stream.hide(Date.now());
  for (let time = 0; time <= 300_000; time += 30_000) {
    await connection(0).send(event("heartbeat", { at: START + time }));
    await advance(30_000);
  }
  assert.ok(connection(0).aborted);
  stream.hide(undefined);
  await advance(20);
  assert.equal(connections.length, 2);
});

test("the stream ends with its last embed", async (context) => {
  const { stream, connections, connection, add } = start(context);
  const [first, second] = [add("status"), add("status")];
  await advance(20);
  await connection(0).accept(opened({ of: "status", key: "s" }));
  stream.remove(first.id);
  assert.ok(!connection(0).aborted);
  stream.remove(second.id);
  assert.ok(connection(0).aborted);
  await advance(60_000);
  assert.equal(connections.length, 1);
});
