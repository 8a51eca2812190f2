import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration } from "../src/embed/view.js";

test("durations are written as the server writes them", () => {
  for (const [seconds, text] of [
    [-3, "0 s"],
    [0, "0 s"],
    [59.4, "59 s"],
    [59.6, "1 min 00 s"],
    [184, "3 min 04 s"],
    [3_599, "59 min 59 s"],
    [3_600, "1 h 00 min"],
    [90_061, "25 h 01 min"],
  ] as const) {
    assert.equal(formatDuration(seconds).replaceAll("\u00a0", " "), text);
  }
});
