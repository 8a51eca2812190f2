import assert from "node:assert/strict";
import { test } from "node:test";
import { createEventParser } from "../src/event-parser.js";

const ignore = () => {};
const STREAM =
  "retry: 1130\n\nid: 7-1\nevent: snapshot\ndata: {}\n\nevent: heartbeat\ndata: {}\n\n";
const EVENTS = [
  { type: "snapshot", data: "{}", id: "7-1" },
  { type: "heartbeat", data: "{}", id: "7-1" },
];

test("events are the same however the text is cut", () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const parse = createEventParser(ignore);
    assert.deepEqual([...parse(STREAM.slice(0, cut)), ...parse(STREAM.slice(cut))], EVENTS);
  }
});

test("an event without a type is a message, and its lines are joined", () => {
  const parse = createEventParser(ignore);
  assert.deepEqual(parse("data: a\ndata:\ndata:b\n\n"), [
    { type: "message", data: "a\n\nb", id: "" },
  ]);
});

test("comments, unknown fields and blocks without data are ignored", () => {
  const parse = createEventParser(ignore);
  assert.deepEqual(parse(": hello\n\nevent: x\n\ncolour: red\n\n"), []);
});

test("a reconnection time is passed on, unless it is no number", () => {
  const times: number[] = [];
  const parse = createEventParser((ms) => times.push(ms));
  parse("retry: 1130\n\nretry: soon\n\n");
  assert.deepEqual(times, [1130]);
});
