/** Connections that do what a check says, remember all they hear, and can wait for it. */
import { WebSocket } from "ws";
import { complaint } from "./shapes.mjs";
import { Table } from "./table.mjs";

export const SUBPROTOCOL = "tycostream.v1.json";

/** A check does not hold. */
export class Failed extends Error {
  constructor(what, expected, got) {
    super(what);
    Object.assign(this, { expected, got });
  }
}

/** What was heard and is not as the protocol says, on whichever connection. */
export const malformed = [];

/** The most parts that came of a snapshot and of a batch. */
export const mostParts = { snapshot: 0, batch: 0 };

let patience = 15_000; // ms
export function bePatientFor(ms) {
  patience = ms;
}

const looks = new Set();
function somethingHappened() {
  for (const look of [...looks]) look();
}

/** Waits until a condition holds, which is looked at after everything that is heard; what it gave. */
export function until(what, condition, ms = patience) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(timer);
      looks.delete(look);
      settle(value);
    };
    const look = () => {
      try {
        const holds = condition();
        if (holds) end(resolve, holds);
      } catch (failed) {
        end(reject, failed);
      }
    };
    const timer = setTimeout(() => end(reject, new Failed(what, what, `not so within ${ms / 1000} s`)), ms);
    looks.add(look);
    look();
  });
}

export function equal(what, got, expected) {
  if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Failed(what, expected, got);
}

export function holds(what, condition, got) {
  if (!condition) throw new Failed(what, what, got);
}

/** One WebSocket. */
export class Connection {
  heard = [];
  raw = [];
  closed = null;
  pings = 0;
  openedAt = performance.now();
  #followers = [];
  #next = 0;

  /** The status with which the upgrade was refused, or an open connection. */
  static open(url, { protocols = [SUBPROTOCOL], headers = {} } = {}) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, protocols, { headers, maxPayload: 0, perMessageDeflate: false });
      socket.once("unexpected-response", (request, response) => {
        response.resume();
        request.destroy();
        resolve(response.statusCode);
      });
      socket.once("open", () => resolve(connection));
      socket.once("error", reject);
      const connection = new Connection(socket); // hears from the first frame on
    });
  }

  constructor(socket) {
    this.socket = socket;
    socket.on("message", (data, isBinary) => this.#hear(String(data), isBinary));
    socket.on("ping", () => this.pings++);
    socket.on("error", () => {}); // a close follows
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
      somethingHappened();
    });
  }

  #hear(raw, isBinary) {
    const wrong = isBinary ? "a binary message" : complaint(raw);
    if (wrong) malformed.push(`${wrong}: ${raw.slice(0, 200)}`);
    const message = JSON.parse(raw);
    this.heard.push(message);
    this.raw.push(raw);
    if (message.type in mostParts) mostParts[message.type] = Math.max(mostParts[message.type], (message.part ?? 0) + 1);
    for (const follower of this.#followers) follower.hear(message, raw);
    somethingHappened();
  }

  get protocol() {
    return this.socket.protocol;
  }

  send(message) {
    this.socket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The next message that is meant by `{ type: "pong", nonce: "n" }`; those before it are passed over. */
  next(meant) {
    const isMeant = (message) =>
      Object.entries(meant).every(([name, value]) => JSON.stringify(message[name]) === JSON.stringify(value));
    return until(`${JSON.stringify(meant)} is heard`, () => {
      while (this.#next < this.heard.length) {
        const message = this.heard[this.#next++];
        if (isMeant(message)) return message;
      }
      if (this.closed) {
        throw new Failed("the connection stays", meant, { closed: this.closed, heard: this.heard.slice(-3) });
      }
      return null;
    });
  }

  /** How it ended. */
  end() {
    return until("the gateway closes the connection", () => this.closed);
  }

  /** Follows a source, into new rows or those of an earlier connection. */
  follow(request, table = new Table(), options = {}) {
    const follower = this.expect(request.ref, table, options);
    this.send({ type: "subscribe", ...(table.after ? { after: table.after } : {}), ...request });
    return follower;
  }

  /** Rows of a ref whose subscription the gateway brings back by itself. */
  expect(ref, table, options = {}) {
    const follower = new Follower(this, ref, table, options);
    this.#followers.push(follower);
    return follower;
  }

  /** Cuts it as a broken network does. */
  cut() {
    this.socket.terminate();
    for (const follower of this.#followers) follower.table.disconnected();
    this.#followers = [];
  }
}

/** A subscription on a connection. */
export class Follower {
  messages = [];
  /** The texts of its batches by their seqs. */
  batches = new Map();
  /** With the option `versions`: the rows after each change, and the moment that they are of. */
  versions = [];

  constructor(connection, ref, table, { versions = false }) {
    Object.assign(this, { connection, ref, table, keepsVersions: versions });
    this.broken = null;
  }

  hear(message, raw) {
    const mine = message.type === "subscribed" ? message.ref === this.ref
      : message.feed !== undefined && message.feed === this.table.feed;
    const refused = message.type === "error" && message.ref === this.ref && this.table.feed === null;
    if ((!mine && !refused) || this.broken) return;
    this.messages.push(message);
    if (message.type === "batch" && message.part === undefined) this.batches.set(message.seq, raw);
    try {
      const changed = this.table.hear(message);
      if (changed && this.keepsVersions) {
        this.versions.push({ position: this.table.position, rows: new Map(this.table.rows) });
      }
    } catch (broken) {
      this.broken = broken;
    }
  }

  heard(type) {
    return this.messages.filter((message) => message.type === type);
  }

  /** Waits for something of this subscription. */
  until(what, condition) {
    return until(what, () => {
      if (this.broken) throw new Failed("the stream keeps to the rules", "a stream that fits", this.broken.message);
      const refused = this.messages.find(({ type }) => type === "error");
      if (refused) throw new Failed("the subscription stands", "no error", refused);
      if (this.connection.closed) throw new Failed("the connection stays", "an open one", this.connection.closed);
      return condition();
    });
  }

  /** Rows that are right and fit a position. */
  ready() {
    return this.until("the rows are there", () =>
      this.table.feed !== null && this.table.position !== null && this.table.awaits === null && this);
  }

  /** So many whole batches more. */
  async batchesMore(count) {
    const wholes = () => this.heard("batch").filter(({ more }) => !more).length;
    const from = wholes();
    await this.until(`${count} batches come (the rows of the source have to change)`, () => wholes() >= from + count);
  }
}

/** Compares the rows of two subscriptions at a moment when both are at the same position. */
export async function sameRows(one, other) {
  const rowsOf = (follower) =>
    [...follower.table.rows].map(([id, { row, copies }]) => [id, copies, row]).sort(([a], [b]) => (a < b ? -1 : 1));
  const columns = (row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  await one.ready();
  await other.ready();
  await until("both come to the same position", () => {
    for (const each of [one, other]) {
      if (each.broken) throw new Failed("the stream keeps to the rules", "a stream that fits", each.broken.message);
    }
    if (one.table.position !== other.table.position) return false;
    const [left, right] = [rowsOf(one), rowsOf(other)];
    equal(`as many rows at ${one.table.position}`, right.length, left.length);
    left.forEach(([id, copies, row], i) => {
      equal(`the same rows at ${one.table.position}`, right[i].slice(0, 2), [id, copies]);
      equal(`the same values at ${one.table.position}`, columns(right[i][2]), columns(row));
    });
    return true;
  });
}
