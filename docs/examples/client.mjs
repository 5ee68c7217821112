/**
 * Follows one source of a tycostream gateway and keeps its rows. Runs in browsers as it is, and in
 * Node (before 22 with the package `ws` beside it): node client.mjs ws://localhost:8080/v1/stream trades
 * What happens goes to stderr; at the end (Ctrl-C) the rows go to stdout, one JSON object a line.
 * Why each step is as it is: docs/protocol.md
 */
const WebSocket = globalThis.WebSocket ?? (await import("ws")).WebSocket;

const MIN_WAIT = 500, MAX_WAIT = 20_000; // ms
const STAY_AWAY = [1009, 4400, 4401, 4403]; // close codes after which the same client would fail again

/** The connection is of no use any more. */
class Ended extends Error {
  constructor(reason, { rowsWrong = false, final = false, retryInMs } = {}) {
    super(reason);
    Object.assign(this, { rowsWrong, final, retryInMs });
  }
}

/** Rows that are right at `position`; they change only when a whole snapshot or batch is there. */
export class Table {
  rows = new Map();
  position = null;
  feed = null;
  #key = [];
  #nextKey = [];
  #seq = null;
  #awaits = null;
  #parts = [];
  #count = 0;
  #staged = null;
  #suspect = false;

  constructor(log) {
    this.log = log;
  }

  subscribed({ feed, key, start, seq }) {
    this.#discardParts();
    this.feed = feed;
    this.log(`subscribed: feed ${feed}, start ${start}`);
    if (key.length === 0) throw new Ended("a source without a key", { final: true });
    if (start === "snapshot") {
      this.#awaits = "snapshot";
    } else if (this.position === null || String(key) !== String(this.#key)) {
      throw new Ended(`a ${start} of rows that are not here`, { rowsWrong: true });
    } else {
      [this.#awaits, this.#seq] = [null, seq];
    }
    this.#nextKey = key;
  }

  snapshot(message) {
    if (!this.#isWhole(message, message.rows)) return;
    this.#key = this.#nextKey;
    this.rows = new Map(this.#parts.map((row) => [this.#keyOf(row), row]));
    this.#reach(message);
    this.log(`snapshot: ${this.rows.size} rows at ${this.position}`);
  }

  batch(message) {
    const { seq, merged, resync, position, changes } = message;
    if (this.#awaits === "snapshot" || seq !== this.#seq + (merged ?? 1)) {
      throw this.#outOfStep(`batch ${seq} after ${this.#seq}`);
    }
    if (!this.#isWhole(message, changes)) return;
    const exact = merged === undefined && !resync;
    for (const { op, row } of this.#parts) {
      const key = this.#keyOf(row);
      if (exact && (op === "insert") === this.rows.has(key)) {
        throw new Ended(`${op} of ${key} does not fit the rows`, { rowsWrong: true });
      }
      if (op === "delete") this.rows.delete(key);
      else this.rows.set(key, row);
    }
    if (!exact) this.log(`resync or merged batch: ${this.#parts.length} changes up to ${position}`);
    this.#reach(message);
  }

  progress({ position }) {
    if (this.#awaits === null && this.#count === 0) this.position = position; // else the rows lag
  }

  gap({ reason, dropped, recovery }) {
    this.log(`gap: ${reason}, ${dropped} changes were not told, recovery ${recovery}`);
    this.#discardParts();
    this.#awaits = recovery;
    if (recovery !== "snapshot" && recovery !== "fold") {
      throw new Ended("a gap that leaves the rows wrong", { rowsWrong: true });
    }
  }

  #isWhole({ type, part = 0, more = false }, elements) {
    if (part === 0) {
      this.#discardParts();
      this.#staged = type;
    } else if (part !== this.#count || type !== this.#staged) {
      throw this.#outOfStep(`part ${part} of a ${type} where ${this.#count} was due`);
    }
    for (const element of elements) this.#parts.push(element);
    this.#count++;
    return !more;
  }

  #reach({ position, seq }) {
    [this.position, this.#seq, this.#awaits, this.#suspect] = [position, seq, null, false];
    this.#discardParts();
  }

  #outOfStep(reason) {
    const again = this.#suspect; // again before anything was applied: begin anew
    this.#suspect = true;
    return new Ended(reason, { rowsWrong: again });
  }

  #discardParts() {
    [this.#parts, this.#count] = [[], 0];
  }

  #keyOf(row) {
    return JSON.stringify(this.#key.map((column) => row[column]));
  }
}

/** One connection, from its opening to its end; resolves with the reason of the end. */
function followOnce(url, source, table, log) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, "tycostream.v1.json");
    const send = (message) => socket.send(JSON.stringify(message));
    let patience = 10_000, asked = false, timer = null;
    const end = (ended) => {
      clearTimeout(timer);
      socket.onopen = socket.onmessage = socket.onclose = null; // onerror stays: closing may fail
      socket.close();
      resolve(ended);
    };
    const listen = () => { // silence for so long: ask once, then give up
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (asked || socket.readyState !== 1) return end(new Ended("the gateway is silent"));
        asked = true;
        send({ type: "ping" });
        listen();
      }, patience);
    };
    const hear = (message) => {
      const { type, feed, code, retryInMs } = message;
      if (type === "welcome") patience = 2 * message.heartbeatMs;
      else if (type === "subscribed") table.subscribed(message);
      else if (["snapshot", "batch", "progress", "gap"].includes(type)) {
        if (feed === table.feed) table[type](message);
      } else if (type === "source") {
        log(`the gateway's database is ${message.state} ${message.reason ?? ""}`);
      } else if (type === "error" || type === "unsubscribed") {
        const rowsWrong = code === "bad-position"; // of no use here: begin with a snapshot
        throw new Ended(message.message ?? type, { rowsWrong, final: !rowsWrong && !message.retryable });
      } else if (type === "bye") {
        throw new Ended(message.reason, { final: STAY_AWAY.includes(code), retryInMs });
      }
    };
    socket.onopen = () => {
      table.feed = null;
      send({ type: "hello", client: "client.mjs" });
      const after = table.position === null ? {} : { after: table.position };
      send({ type: "subscribe", ref: "mine", source, ...after });
    };
    socket.onmessage = ({ data }) => {
      asked = false;
      try {
        hear(JSON.parse(data));
        listen();
      } catch (ended) {
        end(ended instanceof Ended ? ended : new Ended(String(ended), { rowsWrong: true }));
      }
    };
    socket.onclose = ({ code, reason }) =>
      end(new Ended(`closed: ${code} ${reason}`, { final: STAY_AWAY.includes(code) }));
    socket.onerror = () => {}; // a close follows and says as much
    listen();
  });
}

/** Keeps the table right through any number of connections; resolves only where coming back is no use. */
export async function follow(url, source, table, log) {
  for (let attempt = 0, wait = 0; ; attempt++) {
    const started = performance.now();
    const ended = await followOnce(url, source, table, log);
    if (ended.final) return ended;
    if (ended.rowsWrong) table.position = null; // begin with a snapshot
    if (performance.now() - started > wait + MIN_WAIT) attempt = 0; // that one lasted
    const growing = Math.min(MAX_WAIT, MIN_WAIT * 2 ** (attempt + 1));
    wait = ended.retryInMs ?? MIN_WAIT + Math.random() * (growing - MIN_WAIT); // full jitter
    log(`no connection: ${ended.message}; next try in ${Math.round(wait)} ms, after ${table.position}`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

if (globalThis.process?.argv[1]?.endsWith("client.mjs")) {
  const [url, source] = process.argv.slice(2);
  const log = (text) => console.error(new Date().toISOString().slice(11, 19), text);
  const table = new Table(log);
  const leave = () => {
    log(`left with ${table.rows.size} rows at ${table.position}`);
    const lines = [...table.rows.values()].map((row) => JSON.stringify(row) + "\n").join("");
    process.stdout.write(lines, () => process.exit(0));
  };
  process.on("SIGINT", leave).on("SIGTERM", leave);
  if (!source) throw new Error("usage: node client.mjs ws://localhost:8080/v1/stream SOURCE");
  console.error(`given up: ${(await follow(url, source, table, log)).message}`);
  process.exit(1);
}
