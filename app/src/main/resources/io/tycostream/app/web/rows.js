// The rows of one source, as a table by key or, for a source without a key, as a multiset. Both
// tell a view of every change: `reset([[id, row]…])`, `put(id, row)` and `remove(id)`, where an
// id is a text that stands for one row for as long as it is there.

import { BrokenStream } from "./protocol.js";

const wrong = (message) => new BrokenStream(message, { rowsIntact: false });

export function rowsFor(definition, view) {
  return definition.key.length === 0
    ? new Multiset(definition.columns, view)
    : new KeyedRows(definition.key, view);
}

class KeyedRows {
  #key;
  #view;
  #rows = new Map();

  constructor(key, view) {
    this.#key = key;
    this.#view = view;
  }

  get size() {
    return this.#rows.size;
  }

  toArray() {
    return [...this.#rows.values()];
  }

  replace(rows) {
    this.#rows = new Map(rows.map((row) => [this.#id(row), row]));
    if (this.#rows.size !== rows.length) {
      throw wrong("a snapshot names a key twice");
    }
    this.#view.reset([...this.#rows]);
  }

  /** With `net` (merged and resync batches) insert and update both mean "the row is now this". */
  apply(changes, net) {
    for (const { op, row } of changes) {
      const id = this.#id(row);
      const known = this.#rows.has(id);
      if (!net && known !== (op !== "insert")) {
        throw wrong(`${op} of the key ${id}, which ${known ? "is already there" : "is not there"}`);
      }
      if (op === "delete") {
        if (this.#rows.delete(id)) {
          this.#view.remove(id);
        }
      } else if (op === "insert" || op === "update") {
        this.#rows.set(id, row);
        this.#view.put(id, row);
      } else {
        throw wrong(`a change with the unknown op ${op}`);
      }
    }
  }

  #id(row) {
    return JSON.stringify(this.#key.map((column) => row[column]));
  }
}

/** A row is its own identity; the copies of one row are numbered, the last number leaves first. */
class Multiset {
  #columns;
  #view;
  #copies = new Map();
  #size = 0;

  constructor(columns, view) {
    this.#columns = columns.map((column) => column.name);
    this.#view = view;
  }

  get size() {
    return this.#size;
  }

  toArray() {
    return [...this.#copies.values()].flatMap(({ row, count }) => Array(count).fill(row));
  }

  replace(rows) {
    this.#copies = new Map();
    this.#size = rows.length;
    this.#view.reset(rows.map((row) => {
      const identity = this.#identity(row);
      const count = (this.#copies.get(identity)?.count ?? 0) + 1;
      this.#copies.set(identity, { row, count });
      return [`${identity}#${count}`, row];
    }));
  }

  /** The order within a batch means nothing, so that only the net count of each row counts. */
  apply(changes) {
    const net = new Map();
    for (const { op, row } of changes) {
      if (op !== "insert" && op !== "delete") {
        throw wrong(`a source without a key cannot have the op ${op}`);
      }
      const identity = this.#identity(row);
      const difference = (net.get(identity)?.difference ?? 0) + (op === "insert" ? 1 : -1);
      net.set(identity, { row, difference });
    }
    for (const [identity, { row, difference }] of net) {
      const before = this.#copies.get(identity)?.count ?? 0;
      const count = before + difference;
      if (count < 0) {
        throw wrong("a delete of a row that is not there");
      }
      for (let copy = before + 1; copy <= count; copy++) {
        this.#view.put(`${identity}#${copy}`, row);
      }
      for (let copy = before; copy > count; copy--) {
        this.#view.remove(`${identity}#${copy}`);
      }
      if (count === 0) {
        this.#copies.delete(identity);
      } else {
        this.#copies.set(identity, { row, count });
      }
      this.#size += difference;
    }
  }

  #identity(row) {
    return JSON.stringify(this.#columns.map((column) => row[column]));
  }
}
