import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Database } from "../../main/resources/io/tycostream/app/web/database.js";

const early = "2026-11-21T20:45:16Z";
const late = "2026-11-21T20:45:16.5Z";

let changes;
let database;

beforeEach(() => {
  changes = [];
  database = new Database(({ from, to }) => changes.push(`${from} → ${to}`));
});

test("nothing is known at first, and the first word is no change", () => {
  assert.equal(database.state, "unknown");
  database.poll({ state: "live", since: early }, 0);
  assert.equal(database.state, "live");
  assert.deepEqual(changes, []);
});

test("a poll that a push has overtaken does not turn the state back", () => {
  database.pushed({ state: "live", since: late }, 0);
  database.poll({ state: "reconnecting", since: early, rows: 7 }, 1);
  assert.equal(database.state, "live");
  assert.equal(database.polled.rows, 7, "the figures are taken all the same");
  database.poll({ state: "reconnecting", since: late }, 2);
  assert.deepEqual(changes, ["live → reconnecting"]);
});

test("the next attempt is counted down from when it was told", () => {
  database.pushed({ state: "reconnecting", since: early, attempt: 3, retryInMs: 400 }, 1_000);
  assert.equal(database.attempt, 3);
  assert.equal(database.retryInMs(1_100), 300);
  assert.equal(database.retryInMs(9_000), 0);
  database.pushed({ state: "live", since: late }, 2_000);
  assert.equal(database.retryInMs(2_000), null);
});

test("what cannot be asked is unknown, whatever it was", () => {
  database.pushed({ state: "live", since: late }, 0);
  database.unreachable();
  assert.equal(database.state, "unknown");
  database.poll({ state: "live", since: early }, 1);
  assert.deepEqual(changes, ["live → unknown", "unknown → live"]);
});

test("a poll that does not know the attempt leaves it standing for the same state", () => {
  database.pushed({ state: "reconnecting", since: early, attempt: 3 }, 0);
  database.poll({ state: "reconnecting", since: early, retryInMs: 90 }, 1);
  assert.equal(database.attempt, 3);
  database.poll({ state: "live", since: late }, 2);
  assert.equal(database.attempt, undefined);
});

test("an outage ends with how long it was, and its reason stands on", () => {
  const told = [];
  const watched = new Database((change) => told.push(change));
  watched.pushed({ state: "live", since: "2026-11-21T20:00:00Z" }, 0);
  watched.pushed({ state: "reconnecting", since: early, reason: "refused" }, 1);
  watched.pushed({ state: "catching-up", since: early }, 2);
  watched.pushed({ state: "live", since: late }, 3);
  assert.deepEqual(told.map(({ awayMs }) => awayMs), [NaN, NaN, 500]);
  assert.equal(watched.lastReason, "refused");
  watched.forget();
  assert.equal(watched.lastReason, null);
});
