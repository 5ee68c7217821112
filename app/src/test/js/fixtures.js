// What the tests share: a view that keeps what it was told, messages, and a gateway in memory.

/** Rebuilds the rows from what a view is told, as the page's own view does. */
export class RecordingView {
  rows = new Map();
  definitions = [];

  define(definition) {
    this.definitions.push(definition);
  }

  reset(rows) {
    this.rows = new Map(rows);
  }

  put(id, row) {
    this.rows.set(id, row);
  }

  remove(id) {
    if (!this.rows.delete(id)) {
      throw new Error(`the view never had ${id}`);
    }
  }

  values() {
    return [...this.rows.values()];
  }
}

export const columns = [{ name: "id", type: "int8" }, { name: "price", type: "numeric" }];
export const row = (id, price) => ({ id: String(id), price: String(price) });
export const insert = (...values) => ({ op: "insert", row: row(...values) });
export const update = (...values) => ({ op: "update", row: row(...values) });
export const remove = (id) => ({ op: "delete", row: { id: String(id) } });

export const subscribed = (fields) => ({
  type: "subscribed", feed: 1, source: "trades", key: ["id"], columns, start: "snapshot", ...fields,
});
export const snapshot = (rows, fields) =>
  ({ type: "snapshot", feed: 1, part: 0, rows, more: false, position: "e.1.p", seq: 1, ...fields });
export const batch = (seq, changes, fields) =>
  ({ type: "batch", feed: 1, seq, position: `e.${seq}.p`, changes, ...fields });

/** Virtual time: nothing happens but by `advance`. */
export class VirtualClock {
  #timers = new Set();
  #nowMs = 0;

  now() {
    return this.#nowMs;
  }

  after(ms, action) {
    const timer = { at: this.#nowMs + ms, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(ms) {
    const end = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) {
        break;
      }
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.at);
      due.action();
    }
    this.#nowMs = end;
  }
}

/** The other end of a WebSocket, played by the test. */
export class FakeSocket extends EventTarget {
  sent = [];
  closedWith = null;

  constructor(subprotocol) {
    super();
    this.subprotocol = subprotocol;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    this.closedWith = code; // as with a dead peer: no `close` event comes
  }

  opens() {
    this.dispatchEvent(new Event("open"));
  }

  says(message) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }

  closes(code) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}
