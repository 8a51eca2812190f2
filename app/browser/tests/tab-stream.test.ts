import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createTabStream, type TabMessage } from "../src/tab-stream.js";
import { advance, event, type FakeConnection, fakeWorld } from "./support.js";

/** A tab with the messages that it got, in short: `frame 1`. */
function start(context: TestContext) {
  const connections = fakeWorld(context);
  const receive = createTabStream();
  const tab = () => {
    const got: string[] = [];
    const port = { postMessage: (message: string[]) => got.push(message.join(" ").trim()) };
    const say = (...message: TabMessage) => receive(port, message);
    context.after(() => say("bye", ""));
    return { got, say };
  };
  const connection = (index: number) => connections[index] as FakeConnection;
  return { connections, connection, tab };
}

const SNAPSHOT = event("snapshot", "S", "7-10");
const frame = (seq: number) => event("frame", `${seq}`, `7-${seq}`);

test("the first tab opens the stream where its page leaves off", async (context) => {
  const { connection, tab } = start(context);
  const first = tab();
  first.say("open", "7-10");
  assert.equal(connection(0).headers.get("last-event-id"), "7-10");
  await connection(0).accept(frame(11));
  assert.deepEqual(first.got, ["frame 11"]);
});

test("tabs share one stream, and each gets what it is missing", async (context) => {
  const { connections, connection, tab } = start(context);
  const [first, behind, current, other] = [tab(), tab(), tab(), tab()];
  first.say("open", "7-9");
  await connection(0).accept(SNAPSHOT + frame(11) + frame(12));
  behind.say("open", "7-11");
  current.say("open", "7-12");
  other.say("open", "6-99");
  assert.deepEqual(behind.got, ["frame 12", "alive"]);
  assert.deepEqual(current.got, ["alive"]);
  assert.deepEqual(other.got, ["snapshot S", "frame 11", "frame 12", "alive"]);
  assert.equal(connections.length, 1);
});

test("a tab that misses more than is recorded gets the whole state", async (context) => {
  const { connection, tab } = start(context);
  const [first, other] = [tab(), tab()];
  first.say("open", "7-10");
  await connection(0).accept(frame(11));
  other.say("open", "7-5");
  assert.equal(connection(1).headers.get("last-event-id"), null);
  await connection(1).accept(event("snapshot", "S", "7-11"));
  assert.deepEqual(other.got, ["snapshot S"]);
});

test("a lost stream resumes, and tabs are told", async (context) => {
  const { connection, tab } = start(context);
  const first = tab();
  first.say("open", "7-10");
  await connection(0).accept(frame(11));
  await connection(0).end();
  await advance(500);
  assert.equal(connection(1).headers.get("last-event-id"), "7-11");
  await connection(1).accept(event("heartbeat", "H"));
  assert.deepEqual(first.got, ["frame 11", "lost", "heartbeat H"]);
});

test("a tab that asks for it ends the wait for the next attempt", async (context) => {
  const { connections, connection, tab } = start(context);
  const first = tab();
  first.say("open", "7-10");
  await connection(0).accept(frame(11));
  await connection(0).end();
  first.say("open", "7-11");
  await advance(0);
  assert.equal(connections.length, 2);
});

test("no tab ends the wait that a stopping server asked for", async (context) => {
  const { connections, connection, tab } = start(context);
  const first = tab();
  first.say("open", "7-10");
  await connection(0).accept(`retry: 3000\n\n${event("bye", "{}")}`);
  await connection(0).end();
  first.say("open", "7-10");
  await advance(2_999);
  assert.equal(connections.length, 1);
  await advance(1);
  assert.equal(connections.length, 2);
});

test("a refused stream is closed until a tab opens it", async (context) => {
  const { connections, connection, tab } = start(context);
  const first = tab();
  first.say("open", "7-10");
  await connection(0).refuse(401);
  assert.deepEqual(first.got, ["lost closed"]);
  await advance(60_000);
  assert.equal(connections.length, 1);
  first.say("open", "7-10");
  assert.equal(connections.length, 2);
});

test("the stream ends with its last tab", async (context) => {
  const { connections, connection, tab } = start(context);
  const [first, second] = [tab(), tab()];
  first.say("open", "7-10");
  second.say("open", "7-10");
  await connection(0).accept(frame(11));
  first.say("bye", "");
  assert.ok(!connection(0).aborted);
  second.say("bye", "");
  assert.ok(connection(0).aborted);
  assert.equal(connections.length, 1);
});

test("a tab that was silent for three minutes is forgotten", async (context) => {
  const { connection, tab } = start(context);
  const [first, silent] = [tab(), tab()];
  silent.say("open", "7-10");
  first.say("open", "7-10");
  await connection(0).accept(frame(11));
  for (let minute = 0; minute < 4; minute++) {
    first.say("here", "7-11");
    await connection(0).send(event("heartbeat", "H"));
    await advance(30_000);
    await connection(0).send(event("heartbeat", "H"));
    await advance(30_000);
  }
  silent.got.length = 0;
  await connection(0).send(frame(12));
  assert.deepEqual(silent.got, []);
  assert.equal(first.got.at(-1), "frame 12");
});

test("types of events that tabs do not know are not passed on", async (context) => {
  const { connection, tab } = start(context);
  const first = tab();
  first.say("open", "7-10");
  await connection(0).accept(event("reset", "{}") + SNAPSHOT);
  assert.deepEqual(first.got, ["snapshot S"]);
});
