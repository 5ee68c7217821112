import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../main/resources/io/tycostream/app/web/backoff.js";

test("every delay lies between 500 ms and 20 s, for every attempt and every chance", () => {
  const backoff = new Backoff();
  for (const attempt of [...Array(64).keys(), 1_000, 1e9, Number.MAX_SAFE_INTEGER]) {
    for (const chance of [0, 0.1, 0.5, 0.999999]) {
      const delay = backoff.delay(attempt, chance);
      assert.ok(delay >= 500 && delay <= 20_000, `attempt ${attempt}, chance ${chance}: ${delay}`);
    }
  }
});

test("the first delay is random already", () => {
  const backoff = new Backoff();
  assert.equal(backoff.delay(0, 0), 500);
  assert.equal(backoff.delay(0, 0.5), 750);
});

test("the ceiling doubles with every attempt until it is reached", () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1_000 });
  const ceilings = [0, 1, 2, 3, 4, 5].map((attempt) => backoff.delay(attempt, 1));
  assert.deepEqual(ceilings, [200, 400, 800, 1_000, 1_000, 1_000]);
});
