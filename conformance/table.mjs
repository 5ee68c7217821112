/**
 * The rows of one subscription, as a correct client keeps them. This file stands by itself and may be read as the reference
 * of one: hand each message of the feed to `hear`, reconnect with `position` when it throws. The numbers are those of the rules
 * in docs/protocol.md, "What a client must do".
 */

/** The stream does not fit. Come back: with `after`, or, where the rows are wrong, without it. */
export class Broken extends Error {
  constructor(reason, { rowsWrong = false } = {}) {
    super(reason);
    this.rowsWrong = rowsWrong;
  }
}

export class Table {
  /** Text of the key → { row, copies }. Without a key the row is its own key, and may be there several times. */
  rows = new Map();
  position = null;
  /** The number of the last batch. */
  seq = null;
  feed = null;
  key = [];
  columns = [];
  /** What the rows wait for: "snapshot", "fold" or nothing. */
  awaits = null;

  #nextKey = [];
  #nextColumns = [];
  #staged = { type: null, parts: 0, elements: [] };

  /** The position to come back with, or nothing. */
  get after() {
    return this.position ?? undefined;
  }

  /** On a new connection the numbers of feeds mean nothing (rule 8), and parts begin anew. */
  disconnected() {
    this.feed = null;
    this.#discard();
  }

  /** Takes a message of the feed, or the `subscribed` of the ref; whether the rows are other ones now. */
  hear(message) {
    switch (message.type) {
      case "subscribed": return this.#subscribed(message);
      case "snapshot": return this.#snapshot(message);
      case "batch": return this.#batch(message);
      case "progress": return this.#progress(message);
      case "gap": return this.#gap(message);
      default: return false; // types that later versions add
    }
  }

  #subscribed({ feed, key, columns, start, position, seq }) {
    this.#discard(); // rule 1
    this.feed = feed; // rule 8
    this.#nextKey = key;
    this.#nextColumns = columns.map(({ name }) => name);
    if (start === "snapshot") {
      this.awaits = "snapshot"; // rule 2: the old rows stay until it is whole
    } else if (start === "replay") {
      if (this.position === null || String(key) !== String(this.key)) {
        throw new Broken("a replay behind rows that are not here", { rowsWrong: true });
      }
      if (position !== this.position) throw new Broken(`a replay behind ${position}, not ${this.position}`);
      [this.awaits, this.seq] = [null, seq];
    } else {
      throw new Broken(`start ${start} of a state subscription`, { rowsWrong: true });
    }
    return false;
  }

  #snapshot(message) {
    if (this.awaits !== "snapshot") throw new Broken("a snapshot that nothing led to");
    if (!this.#isWhole(message, message.rows)) return false; // rule 1
    [this.key, this.columns] = [this.#nextKey, this.#nextColumns];
    const rows = new Map();
    for (const row of this.#staged.elements) {
      const id = this.#idOf(row);
      const there = rows.get(id);
      if (there && this.key.length > 0) throw new Broken(`a snapshot with the key ${id} twice`);
      rows.set(id, { row, copies: (there?.copies ?? 0) + 1 });
    }
    this.rows = rows;
    this.#reach(message, false);
    return true;
  }

  #batch(message) {
    const { seq, merged, resync, changes } = message;
    if (this.awaits === "snapshot") throw new Broken("a batch where a snapshot was due");
    if (this.awaits === "fold" && merged === undefined) throw new Broken("a gap that no merged batch follows");
    if (seq !== this.seq + (merged ?? 1)) throw new Broken(`batch ${seq} behind ${this.seq}`); // rule 3
    if (!this.#isWhole(message, changes)) return false; // rule 1
    if (this.key.length > 0) this.#applyByKey(this.#staged.elements, merged === undefined && !resync);
    else this.#applyCopies(this.#staged.elements);
    this.#reach(message, true);
    return true;
  }

  #applyByKey(changes, exact) {
    const named = new Set();
    for (const { op, row } of changes) {
      const id = this.#idOf(row);
      if (named.has(id)) throw new Broken(`a batch that names the key ${id} twice`);
      named.add(id);
      const there = this.rows.get(id);
      if (exact && (op === "insert") === (there !== undefined)) {
        throw new Broken(`${op} of ${id} does not fit the rows`, { rowsWrong: true }); // rule 4
      }
      if (op === "delete") this.rows.delete(id); // rule 5: if it is there
      // With `delta` an update has the key and what changed; else it has all columns, and this is the whole row.
      else if (exact && op === "update") this.rows.set(id, { row: { ...there.row, ...row }, copies: 1 });
      else this.rows.set(id, { row, copies: 1 });
    }
  }

  #applyCopies(changes) {
    for (const { op, row } of changes) {
      const id = this.#idOf(row);
      const copies = (this.rows.get(id)?.copies ?? 0) + (op === "insert" ? 1 : -1);
      if (op === "update" || copies < 0) throw new Broken(`${op} of a row that is not here`, { rowsWrong: true });
      if (copies === 0) this.rows.delete(id);
      else this.rows.set(id, { row, copies });
    }
  }

  #progress({ position }) {
    if (this.awaits !== null || this.#staged.parts > 0) return false; // rule 6: the rows lag
    this.#assertForward(position, true);
    this.position = position;
    return false;
  }

  #gap({ recovery }) {
    this.#discard(); // rule 1
    if (recovery === "none") throw new Broken("a gap that leaves the rows wrong", { rowsWrong: true }); // rule 9
    this.awaits = recovery;
    return false;
  }

  /** Keeps a part aside; whether it was the last one. */
  #isWhole({ type, part = 0, more = false }, elements) {
    if (part === 0) this.#discard();
    else if (part !== this.#staged.parts || type !== this.#staged.type) {
      throw new Broken(`part ${part} of a ${type} where part ${this.#staged.parts} was due`);
    }
    this.#staged.type = type;
    this.#staged.parts++;
    for (const element of elements) this.#staged.elements.push(element);
    return !more;
  }

  #discard() {
    this.#staged = { type: null, parts: 0, elements: [] };
  }

  #reach({ position, seq }, isBatch) {
    this.#assertForward(position, !isBatch);
    [this.position, this.seq, this.awaits] = [position, seq, null]; // rule 7: together with the rows
    this.#discard();
  }

  /** Positions with the same epoch and print compare as texts; others do not. */
  #assertForward(position, orTheSame) {
    if (this.position === null || !sameHistory(position, this.position)) return;
    if (position < this.position || (position === this.position && !orTheSame)) {
      throw new Broken(`${position} does not lie behind ${this.position}`);
    }
  }

  #idOf(row) {
    const columns = this.key.length > 0 ? this.key : this.columns;
    return JSON.stringify(columns.map((column) => row[column]));
  }
}

/** `<epoch>.<time>.<print>` of a position. */
export function partsOf(position) {
  const [, epoch, time, print] = /^(.*)\.([0-9a-f]{16})\.([^.]*)$/.exec(position) ?? [];
  return { epoch, time, print };
}

function sameHistory(one, other) {
  const [a, b] = [partsOf(one), partsOf(other)];
  return a.time !== undefined && a.epoch === b.epoch && a.print === b.print;
}
