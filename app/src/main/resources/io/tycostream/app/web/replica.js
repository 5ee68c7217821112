import { BrokenStream } from "./protocol.js";
import { rowsFor } from "./rows.js";

const EMPTY = "empty"; // nothing yet, a snapshot must come
const AWAITING_SNAPSHOT = "awaiting-snapshot"; // the rows stay at the old position until then
const AWAITING_FOLD = "awaiting-fold"; // the next batch is merged and makes the rows right
const REJOINING = "rejoining"; // changes were lost for good, the next batch has any seq
const CURRENT = "current";

const broken = (message) => new BrokenStream(message, { rowsIntact: true });

/**
 * The client's copy of one feed: after every whole batch and every last snapshot part its rows are
 * the source's rows at `position`. Parts are staged and applied at the last one. It outlives the
 * connection: a new `subscribed` goes on where the last one ended.
 *
 * Every method takes the message as received; those for rows return how many changes were applied,
 * 0 while parts are staged, and throw BrokenStream where the stream cannot be followed any more.
 */
export class Replica {
  #view;
  #state = EMPTY;
  #rows = null;
  #upcoming = null;
  #staged = null;
  #seq = null;

  /** @param view told of the definition (`define`) and of the rows (see rows.js). */
  constructor(view) {
    this.#view = view;
    this.definition = null;
    this.position = null;
  }

  get size() {
    return this.#rows?.size ?? 0;
  }

  get current() {
    return this.#state === CURRENT;
  }

  toArray() {
    return this.#rows?.toArray() ?? [];
  }

  /** The rows are not to be trusted: whatever comes next starts with a snapshot. */
  distrust() {
    this.position = null;
    this.#staged = null;
    this.#state = EMPTY;
  }

  subscribed({ start, key, columns, seq }) {
    this.#staged = null;
    if (start === "snapshot") {
      this.#upcoming = { key, columns };
      this.#state = this.#rows === null ? EMPTY : AWAITING_SNAPSHOT;
    } else if (this.position === null) {
      throw broken(`start ${start} for a subscription that has no position`);
    } else {
      // The position named there lies at or before ours with nothing in between: ours stands.
      this.#seq = seq;
      this.#state = CURRENT;
    }
  }

  snapshot({ part, rows, more, position, seq }) {
    if (part === 0) {
      this.#staged = { kind: "snapshot", part: 0, rows: [] };
    }
    this.#expectPart("snapshot", part);
    const staged = this.#staged;
    for (const row of rows) {
      staged.rows.push(row);
    }
    if (more) {
      return 0;
    }
    this.#staged = null;
    if (this.#upcoming !== null) {
      this.definition = this.#upcoming;
      this.#upcoming = null;
      this.#view.define(this.definition);
      this.#rows = rowsFor(this.definition, this.#view);
    }
    this.#rows.replace(staged.rows);
    this.position = position;
    this.#seq = seq;
    this.#state = CURRENT;
    return staged.rows.length;
  }

  batch(message) {
    const { part = 0, changes, more = false, position, seq } = message;
    if (part === 0) {
      this.#expectSeq(message);
      this.#staged = { kind: "batch", part: 0, seq, changes: [] };
    }
    this.#expectPart("batch", part);
    const staged = this.#staged;
    if (staged.seq !== seq) {
      throw broken(`part ${part} of batch ${seq} among the parts of batch ${staged.seq}`);
    }
    for (const change of changes) {
      staged.changes.push(change);
    }
    if (more) {
      return 0;
    }
    this.#staged = null;
    const net = message.merged !== undefined || message.resync === true;
    this.#rows.apply(staged.changes, net);
    this.position = position;
    this.#seq = seq;
    this.#state = CURRENT;
    return staged.changes.length;
  }

  /**
   * Only moves the position of rows that are right: before a fold, before a snapshot and between
   * parts they are not, and resuming from there would lose changes.
   */
  progress({ position }) {
    if (this.#state === CURRENT && this.#staged === null) {
      this.position = position;
    }
  }

  gap({ recovery, upTo }) {
    this.#staged = null;
    if (recovery === "fold") {
      this.#state = AWAITING_FOLD;
    } else if (recovery === "none") {
      this.position = upTo;
      this.#state = REJOINING;
    } else {
      this.#state = this.#rows === null ? EMPTY : AWAITING_SNAPSHOT;
    }
  }

  #expectSeq({ seq, merged, resync }) {
    switch (this.#state) {
      case CURRENT:
        if (seq !== this.#seq + (merged ?? 1)) {
          throw broken(`batch ${seq} after batch ${this.#seq}`);
        }
        break;
      case AWAITING_FOLD:
        if (merged === undefined && resync !== true) {
          throw broken(`batch ${seq} where a merged one was announced`);
        }
        break;
      case REJOINING:
        break;
      default:
        throw broken(`batch ${seq} before the snapshot`);
    }
  }

  #expectPart(kind, part) {
    if (this.#staged?.kind !== kind || this.#staged.part !== part) {
      throw broken(`part ${part} of a ${kind} out of its order`);
    }
    this.#staged.part++;
  }
}
