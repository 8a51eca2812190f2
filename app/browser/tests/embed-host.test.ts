import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createEmbedHost } from "../src/embed/host.js";
import type { EmbedMessage, HostMessage } from "../src/embed/messages.js";
import { advance, fakeWorld } from "./support.js";

function start(context: TestContext) {
  fakeWorld(context);
  const calls: string[] = [];
  const record =
    (name: string) =>
    (...values: unknown[]) =>
      void calls.push([name, ...values.filter((value) => typeof value !== "function")].join(" "));
  const host = createEmbedHost({
    add: record("add"),
    set: record("set"),
    hide: record("hide"),
    remove: record("remove"),
    retry: record("retry"),
  });
  const answers: EmbedMessage[] = [];
  const say = (message: HostMessage) => host(1, message, (answer) => answers.push(answer));
  return { calls, answers, say };
}

test("an embed is added once it has introduced itself, and removed when it goes", (context) => {
  const { calls, say } = start(context);
  say({ type: "hello", of: "status", token: "t1" });
  say({ type: "retry" });
  say({ type: "bye" });
  say({ type: "bye" });
  assert.deepEqual(calls, ["add 1 status t1", "retry", "remove 1"]);
});

test("an embed that is not known is asked to introduce itself", (context) => {
  const { calls, answers, say } = start(context);
  say({ type: "alive" });
  assert.deepEqual([calls, answers], [[], [{ type: "hello" }]]);
});

test("an embed that was silent for two and a half minutes is removed", async (context) => {
  const { calls, answers, say } = start(context);
  say({ type: "hello", of: "status" });
  await advance(140_000);
  say({ type: "alive" });
  await advance(150_000);
  assert.deepEqual(calls, ["add 1 status "]);
  await advance(30_000);
  assert.deepEqual(calls, ["add 1 status ", "remove 1"]);
  say({ type: "set", change: { hidden: 1 } });
  assert.deepEqual(answers, [{ type: "hello" }]);
});
