import assert from "node:assert/strict";
import { test } from "node:test";

import { stretches, totals } from "../../main/resources/io/tycostream/app/web/timeline.js";

const at = (second) => new Date(second * 1_000).toISOString();

test("each state lasts until the next, and the last until now", () => {
  const shown = stretches(
    [
      { state: "live", since: at(10) },
      { state: "reconnecting", since: at(20), reason: "cut" },
      { state: "live", since: at(25) },
    ],
    30_000,
  );
  assert.deepEqual(shown, [
    { state: "live", reason: undefined, fromMs: 10_000, toMs: 20_000 },
    { state: "reconnecting", reason: "cut", fromMs: 20_000, toMs: 25_000 },
    { state: "live", reason: undefined, fromMs: 25_000, toMs: 30_000 },
  ]);
});

test("what is older than the window is cut off, or left out", () => {
  const shown = stretches(
    [
      { state: "connecting", since: at(1) },
      { state: "stalled", since: at(2) },
      { state: "live", since: at(100) },
    ],
    110_000,
    20_000,
  );
  assert.deepEqual(shown, [
    { state: "stalled", reason: undefined, fromMs: 90_000, toMs: 100_000 },
    { state: "live", reason: undefined, fromMs: 100_000, toMs: 110_000 },
  ]);
});

test("a gateway whose clock is ahead draws nothing beyond now", () => {
  assert.deepEqual(stretches([{ state: "live", since: at(99) }], 50_000), []);
});

test("the sums tell how long each state held, the longest first", () => {
  const shown = stretches(
    [
      { state: "live", since: at(0) },
      { state: "failed", since: at(10) },
      { state: "live", since: at(15) },
    ],
    20_000,
  );
  assert.deepEqual(totals(shown), [["live", 15_000], ["failed", 5_000]]);
});
