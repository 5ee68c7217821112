import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Client } from "../../main/resources/io/tycostream/app/web/client.js";
import { FakeSocket, RecordingView, VirtualClock, batch, insert, row, snapshot, subscribed, update }
  from "./fixtures.js";

const welcome = { type: "welcome", session: "s", resumed: false, heartbeatMs: 15_000 };
const ref = "trades#1";

let clock;
let sockets;
let told;
let client;
let token;

const socket = () => sockets.at(-1);
const sent = (type) => socket().sent.filter((message) => message.type === type);

beforeEach(() => {
  clock = new VirtualClock();
  sockets = [];
  told = [];
  token = null;
  const observer = new Proxy({}, { get: (_, name) => (what) => told.push([name, what]) });
  client = new Client({
    openSocket: (subprotocol) => {
      sockets.push(new FakeSocket(subprotocol));
      return socket();
    },
    clock,
    random: () => 0.5,
    token: () => token,
    view: new RecordingView(),
    observer,
  });
});

const namesTold = () => told.map(([name]) => name).filter((name) => name !== "connectionChanged");

/** Connected, with a snapshot of one row at e.1.p. */
function open(fields = {}) {
  client.watch("trades");
  socket().opens();
  socket().says({ ...welcome, ...fields });
  socket().says(subscribed({ ref }));
  socket().says(snapshot([row(1, 10)]));
}

/** The next attempt after a loss, up to the open socket. */
function comesBack(withinMs = client.connection.delayMs) {
  const before = sockets.length;
  clock.advance(withinMs);
  assert.equal(sockets.length, before + 1, "one new socket");
  socket().opens();
}

describe("a first connection", () => {
  test("offers the subprotocol, says hello first and pipelines the subscribe", () => {
    client.watch("trades");
    assert.equal(socket().subprotocol, "tycostream.v1.json");
    assert.deepEqual(socket().sent, []);
    socket().opens();
    const subscribe = { type: "subscribe", ref, source: "trades" };
    assert.deepEqual(socket().sent, [{ type: "hello" }, subscribe]);
    socket().says(welcome);
    assert.equal(socket().sent.length, 2);
    assert.equal(client.connection.name, "open");
  });

  test("without an answer is given up and tried again", () => {
    client.watch("trades");
    clock.advance(10_000);
    assert.equal(client.connection.name, "waiting");
    comesBack(1_000);
    clock.advance(10_000);
    assert.match(client.connection.why, /no welcome/);
  });

  test("ignores types and feeds that it does not know", () => {
    open();
    socket().says({ type: "weather", feed: 1, state: "rain" });
    socket().says({ type: "weather" });
    socket().says(batch(9, [insert(9, 9)], { feed: 77 }));
    assert.deepEqual(client.subscription.replica.toArray(), [row(1, 10)]);
    assert.equal(client.connection.name, "open");
  });
});

describe("a lost connection", () => {
  test("comes back after the jittered delay and resumes behind its last position", () => {
    open();
    socket().says(batch(2, [update(1, 11)]));
    socket().closes(1006);
    assert.equal(client.connection.name, "waiting");
    assert.equal(client.connection.delayMs, 750);
    clock.advance(749);
    assert.equal(sockets.length, 1);
    comesBack(1);
    assert.deepEqual(sent("subscribe"),
      [{ type: "subscribe", ref, source: "trades", after: "e.2.p" }]);
    socket().says(welcome);
    socket().says(subscribed({ ref, feed: 5, start: "replay", position: "e.2.p", seq: 70 }));
    socket().says(batch(71, [update(1, 12), insert(2, 20)], { feed: 5 }));
    assert.equal(client.counters.resumes, 0);
    socket().says({ type: "progress", feed: 5, position: "e.71.p" });
    assert.deepEqual(client.subscription.replica.toArray(), [row(1, 12), row(2, 20)]);
    const { batches, changes, replayed, resumes, reconnects, snapshots, gaps } = client.counters;
    assert.deepEqual({ batches, changes, replayed, resumes, reconnects, snapshots, gaps },
      { batches: 2, changes: 3, replayed: 2, resumes: 1, reconnects: 1, snapshots: 1, gaps: 0 });
    assert.deepEqual(told.find(([name]) => name === "resumed")[1],
      { position: "e.2.p", batches: 1, changes: 2 });
  });

  test("that cannot be resumed says so and starts over with a snapshot", () => {
    open();
    socket().closes(1006);
    comesBack();
    socket().says(welcome);
    socket().says(subscribed({ ref }));
    const gap = { type: "gap", feed: 1, after: "e.1.p", upTo: "e.9.p", dropped: -1 };
    socket().says({ ...gap, recovery: "snapshot", reason: "history-expired" });
    socket().says(snapshot([row(3, 30)]));
    assert.deepEqual(client.subscription.replica.toArray(), [row(3, 30)]);
    assert.equal(client.counters.gaps, 1);
    assert.equal(client.counters.resumes, 0);
    assert.equal(told.at(-1)[1].returning, true);
  });

  test("backs off further with every failure and forgets them once it is stable", () => {
    client.watch("trades");
    const delays = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      socket().closes(1006);
      delays.push(client.connection.delayMs);
      clock.advance(client.connection.delayMs);
    }
    assert.deepEqual(delays, [750, 1_250, 2_250, 4_250, 8_250, 10_250, 10_250, 10_250]);
    socket().opens();
    socket().says(welcome);
    socket().closes(1006);
    assert.equal(client.connection.delayMs, 10_250, "a welcome alone proves nothing");
    comesBack(10_250);
    socket().says(welcome);
    clock.advance(6_000);
    socket().closes(1006);
    assert.equal(client.connection.delayMs, 750);
  });

  test("is not waited for: what a given up socket still says is not heard", () => {
    open();
    client.drop();
    assert.notEqual(socket().closedWith, 1000);
    sockets[0].says(batch(2, [update(1, 666)]));
    sockets[0].closes(4400);
    assert.equal(client.connection.name, "waiting");
    assert.deepEqual(client.subscription.replica.toArray(), [row(1, 10)]);
  });

  test("may be a nap of a given length", () => {
    open();
    client.sleep(10_000);
    clock.advance(9_999);
    assert.equal(sockets.length, 1);
    comesBack(1);
    assert.equal(sent("subscribe")[0].after, "e.1.p");
  });

  test("is tried at once when the network is back", () => {
    open();
    socket().closes(1006);
    client.connectNow();
    client.connectNow();
    assert.equal(sockets.length, 2);
    clock.advance(5_000);
    assert.equal(sockets.length, 2);
  });
});

describe("silence", () => {
  test("for two heartbeats makes it ask, for one more makes it come back", () => {
    open({ heartbeatMs: 1_000 });
    clock.advance(1_999);
    assert.equal(sent("ping").length, 0);
    clock.advance(1);
    assert.equal(sent("ping").length, 1);
    clock.advance(1_000);
    assert.equal(client.connection.name, "waiting");
    assert.match(client.connection.why, /silent for 3 s/);
  });

  test("broken by a pong or by anything else keeps the connection", () => {
    open({ heartbeatMs: 1_000 });
    for (let round = 0; round < 5; round++) {
      clock.advance(2_000);
      socket().says({ type: "pong" });
    }
    assert.ok(sent("ping").length >= 4);
    const pings = sent("ping").length;
    for (let round = 0; round < 20; round++) {
      socket().says({ type: "progress", feed: 1, position: "e.1.p" });
      clock.advance(900);
    }
    assert.equal(sent("ping").length, pings);
    assert.equal(client.connection.name, "open");
  });
});

describe("a broken stream", () => {
  test("out of sequence comes back with its position", () => {
    open();
    socket().says(batch(3, [update(1, 13)]));
    assert.equal(client.connection.name, "waiting");
    comesBack();
    assert.equal(sent("subscribe")[0].after, "e.1.p");
    assert.ok(namesTold().includes("broken"));
  });

  test("that contradicts the rows comes back without", () => {
    open();
    socket().says(batch(2, [insert(1, 13)]));
    comesBack();
    assert.equal("after" in sent("subscribe")[0], false);
  });

  test("is also what is not JSON", () => {
    open();
    socket().dispatchEvent(new MessageEvent("message", { data: "{" }));
    assert.equal(client.connection.name, "waiting");
  });
});

describe("close codes", () => {
  for (const code of [1000, 1009, 4400, 4401, 4403]) {
    test(`${code}: stays away`, () => {
      open();
      socket().closes(code);
      assert.equal(client.connection.name, "closed");
      assert.equal(client.connection.code, code);
      clock.advance(600_000);
      assert.equal(sockets.length, 1);
    });
  }

  for (const code of [1001, 1006, 1011, 4408, 4429, 4503, 4999]) {
    test(`${code}: comes back with the resume token and positions, and waits for the welcome`, () => {
      open({ resume: "token" });
      socket().closes(code);
      comesBack();
      assert.deepEqual(socket().sent, [
        { type: "hello", resume: "token", positions: { [ref]: "e.1.p" } },
      ]);
    });
  }

  test("4409: comes back without the token, with after", () => {
    open({ resume: "token" });
    socket().closes(4409);
    comesBack();
    assert.deepEqual(socket().sent, [
      { type: "hello" },
      { type: "subscribe", ref, source: "trades", after: "e.1.p" },
    ]);
  });

  test("retryInMs of a bye wins over the backoff, its code over the socket's", () => {
    open({ resume: "token" });
    const bye = { type: "bye", code: 1001, reason: "draining", resumable: false };
    socket().says({ ...bye, retryInMs: 3_210 });
    socket().closes(1006);
    assert.equal(client.connection.delayMs, 3_210);
    assert.equal(client.connection.code, 1001);
    assert.match(client.connection.why, /draining/);
    comesBack(3_210);
    assert.deepEqual(sent("hello"), [{ type: "hello" }], "not resumable");
  });
});

describe("a resume token", () => {
  beforeEach(() => {
    open({ resume: "token" });
    socket().closes(1006);
  });

  test("that is taken brings the subscription back by itself", () => {
    comesBack();
    socket().says({ ...welcome, resumed: true, resume: "token 2" });
    assert.equal(sent("subscribe").length, 0);
    socket().says(subscribed({ ref, start: "live", position: "e.1.p", seq: 8 }));
    socket().says(batch(9, [update(1, 12)]));
    assert.deepEqual(client.subscription.replica.toArray(), [row(1, 12)]);
    assert.equal(client.counters.resumes, 1);
  });

  test("that is not taken is followed by a subscribe with after", () => {
    comesBack();
    socket().says(welcome);
    assert.deepEqual(sent("subscribe"),
      [{ type: "subscribe", ref, source: "trades", after: "e.1.p" }]);
  });

  test("is not used when another source was picked meanwhile", () => {
    client.watch("positions");
    comesBack();
    assert.deepEqual(socket().sent, [
      { type: "hello" },
      { type: "subscribe", ref: "positions#2", source: "positions" },
    ]);
  });

  test("brings back a subscription that is not wanted any more: it is ended", () => {
    comesBack();
    client.watch("positions");
    socket().says({ ...welcome, resumed: true });
    socket().says(subscribed({ ref }));
    assert.deepEqual(sent("subscribe").map(({ source }) => source), ["positions"]);
    assert.deepEqual(sent("unsubscribe"), [{ type: "unsubscribe", ref }]);
  });
});

describe("another source", () => {
  test("ends the one before and hears nothing of it any more", () => {
    open();
    client.watch("positions");
    assert.deepEqual(socket().sent.slice(2), [
      { type: "unsubscribe", ref },
      { type: "subscribe", ref: "positions#2", source: "positions" },
    ]);
    socket().says(batch(2, [update(1, 11)]));
    socket().says({ type: "unsubscribed", ref, feed: 1 });
    socket().says(subscribed({ ref: "positions#2", feed: 2 }));
    socket().says(snapshot([row(5, 50)], { feed: 2 }));
    assert.deepEqual(client.subscription.replica.toArray(), [row(5, 50)]);
  });

  test("picked before the first was confirmed ends it once", () => {
    client.watch("trades");
    socket().opens();
    client.watch("positions");
    socket().says(welcome);
    socket().says(subscribed({ ref }));
    assert.deepEqual(sent("subscribe").map(({ source }) => source), ["trades", "positions"]);
    assert.deepEqual(sent("unsubscribe"), [{ type: "unsubscribe", ref }]);
  });
});

describe("a refusal", () => {
  beforeEach(() => {
    client.watch("trades");
    socket().opens();
    socket().says(welcome);
  });

  const refuse = (fields) =>
    socket().says({ type: "error", ref, code: "source-not-ready", message: "m", ...fields });

  test("that is retryable is asked again after a delay that grows", () => {
    refuse({ retryable: true });
    clock.advance(749);
    assert.equal(sent("subscribe").length, 1);
    clock.advance(1);
    assert.equal(sent("subscribe").length, 2);
    refuse({ retryable: true });
    clock.advance(1_249);
    assert.equal(sent("subscribe").length, 2);
    clock.advance(1);
    assert.equal(sent("subscribe").length, 3);
  });

  test("that is final is shown and stands", () => {
    refuse({ code: "unknown-source", retryable: false });
    clock.advance(14_000);
    assert.equal(sent("subscribe").length, 1);
    assert.equal(client.subscription.phase, "refused");
    assert.equal(client.connection.name, "open");
  });

  test("of the position makes it ask without one", () => {
    socket().says(subscribed({ ref }));
    socket().says(snapshot([row(1, 10)]));
    socket().closes(1006);
    comesBack();
    socket().says(welcome);
    refuse({ code: "bad-position", retryable: false });
    clock.advance(1_000);
    assert.deepEqual(sent("subscribe").map(({ after }) => after), ["e.1.p", undefined]);
  });

  test("is not asked again on a connection that is gone", () => {
    refuse({ retryable: true });
    socket().closes(1006);
    comesBack(760);
    assert.equal(sent("subscribe").length, 1, "only the one behind hello");
  });
});

describe("credentials", () => {
  test("go with every hello, as they are at that moment", () => {
    token = "first";
    open();
    assert.deepEqual(sent("hello"), [{ type: "hello", token: "first" }]);
    token = "second";
    client.drop();
    comesBack();
    assert.equal(sent("hello")[0].token, "second");
  });

  for (const code of [4401, 4403]) {
    test(`that are refused with ${code} are not tried again before there are others`, () => {
      token = "old";
      open({ resume: "r" });
      socket().closes(code);
      assert.equal(client.connection.name, "closed");
      assert.equal(client.connection.code, code);
      clock.advance(3_600_000);
      client.connectNow();
      assert.equal(sockets.length, 1);

      token = "new";
      client.connectAnew();
      assert.equal(sockets.length, 2);
      socket().opens();
      assert.deepEqual(sent("hello"), [{ type: "hello", token: "new" }]);
      assert.equal(sent("subscribe").length, 1);
    });
  }

  test("that are new do not touch a connection that is there", () => {
    client.connectAnew();
    assert.equal(sockets.length, 0);
    open();
    client.connectAnew();
    assert.equal(sockets.length, 1);
  });
});
