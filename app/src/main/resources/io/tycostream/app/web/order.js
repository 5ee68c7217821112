import { compareKeys, isNumeric, sortKey } from "./values.js";

/**
 * The rows in the order in which they are shown. Changes are only noted when they come and placed
 * by `settle`, once a frame: what moved is taken out in one pass, sorted, and merged back, so that
 * a frame costs the same whether one row changed or a thousand.
 *
 * It is the view that the rows of rows.js report to. An entry is
 * `{id, row, key, ordinal, version, arrivedMs, placed}`: `version` grows with every change, and
 * `arrivedMs` is null for rows that came with a snapshot.
 */
export class Order {
  #entries = new Map();
  #placed = [];
  #dirty = new Set();
  #thinned = false; // rows left since the last settling
  #ordinal = 0;
  #settledBy = null; // the sorting that the placed entries stand in
  #now;
  #changed;

  /**
   * @param now () → milliseconds, for the moment in which a row arrived
   * @param changed called for every change that `settle` will have to place
   */
  constructor({ now, changed }) {
    this.#now = now;
    this.#changed = changed;
    this.definition = { key: [], columns: [] };
    this.sorted = { column: null, descending: false };
  }

  get size() {
    return this.#entries.size;
  }

  at(index) {
    return this.#placed[index];
  }

  /** A new definition starts with the order that shows best that a source is alive. */
  define(definition) {
    const sameColumns =
      JSON.stringify(definition.columns) === JSON.stringify(this.definition.columns);
    this.definition = definition;
    if (!sameColumns) {
      const [first] = definition.key;
      const type = definition.columns.find((column) => column.name === first)?.type;
      // A single number is mostly a running one: the newest rows stand on top.
      const descending = definition.key.length === 1 && isNumeric(type);
      this.sorted = { column: first ?? null, descending };
    }
  }

  reset(rows) {
    this.#entries = new Map();
    this.#placed = [];
    this.#dirty = new Set();
    this.#thinned = true;
    for (const [id, row] of rows) {
      this.#add(id, row, null);
    }
    this.#changed();
  }

  put(id, row) {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      this.#add(id, row, this.#now());
    } else {
      entry.row = row;
      entry.version++;
      this.#dirty.add(entry);
    }
    this.#changed();
  }

  remove(id) {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    this.#dirty.delete(entry);
    if (entry.placed) {
      entry.placed = false;
      this.#thinned = true;
    }
    this.#changed();
  }

  sortBy(column, descending) {
    this.sorted = { column, descending };
    for (const entry of this.#placed) {
      if (entry.placed) {
        this.#dirty.add(entry);
      }
    }
    this.#changed();
  }

  /** Places what changed since the last call. Returns whether anything moved, came or left. */
  settle() {
    const moving = [];
    const compare = this.#comparison();
    const type = this.#sortedType();
    for (const entry of this.#dirty) {
      const { column } = this.sorted;
      const key = column === null ? null : sortKey(entry.row[column], type);
      const sorted = entry.placed && this.#settledBy === this.sorted;
      if (!sorted || !sameSortKey(entry.key, key)) {
        entry.key = key;
        entry.placed = false;
        moving.push(entry);
      }
    }
    this.#settledBy = this.sorted;
    this.#dirty.clear();
    if (moving.length === 0 && !this.#thinned) {
      return false;
    }
    this.#thinned = false;
    moving.sort(compare);
    this.#placed = merge(this.#placed, moving, compare);
    return true;
  }

  /** Where a placed entry stands, found by halving; −1 for one that is not placed. */
  indexOf(entry) {
    if (!entry.placed) {
      return -1;
    }
    const compare = this.#comparison();
    let low = 0;
    let high = this.#placed.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#placed[middle], entry) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #add(id, row, arrivedMs) {
    this.#ordinal++;
    const entry =
      { id, row, key: null, ordinal: this.#ordinal, version: 0, arrivedMs, placed: false };
    this.#entries.set(id, entry);
    this.#dirty.add(entry);
  }

  #sortedType() {
    return this.definition.columns.find((column) => column.name === this.sorted.column)?.type;
  }

  /** Total: rows that are equal by the column stand in the order in which they came. */
  #comparison() {
    const sign = this.sorted.descending ? -1 : 1;
    return (a, b) => {
      if (a.key === null || b.key === null) {
        const nulls = Number(a.key === null) - Number(b.key === null); // last, either way
        return nulls === 0 ? a.ordinal - b.ordinal : nulls;
      }
      const difference = compareKeys(a.key, b.key);
      return difference === 0 ? a.ordinal - b.ordinal : sign * difference;
    };
  }
}

function sameSortKey(a, b) {
  return a === b || (a !== null && b !== null && compareKeys(a, b) === 0);
}

/** Merges the sorted `moving` into `placed`, leaving out what is not placed any more. */
function merge(placed, moving, compare) {
  const merged = [];
  let next = 0;
  for (const entry of placed) {
    if (!entry.placed) {
      continue;
    }
    while (next < moving.length && compare(moving[next], entry) < 0) {
      merged.push(moving[next]);
      next++;
    }
    merged.push(entry);
  }
  while (next < moving.length) {
    merged.push(moving[next]);
    next++;
  }
  for (const entry of moving) {
    entry.placed = true;
  }
  return merged;
}
