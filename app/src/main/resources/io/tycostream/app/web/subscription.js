import { Replica } from "./replica.js";

/**
 * One subscription of one source over as many connections as it takes. Knows what to ask for next
 * (`request`) and tells its observer how each return went: `resumed` or `snapshotApplied`, besides
 * `batchApplied` and `gap`.
 */
export class Subscription {
  #observer;
  #returning = null;

  constructor(ref, source, view, observer) {
    this.ref = ref;
    this.source = source;
    this.replica = new Replica(view);
    this.feed = null;
    /** Waiting, asked, snapshotting, replaying, live, refused or ended: what the page shows. */
    this.phase = "waiting";
    this.#observer = observer;
  }

  /** Whether the gateway has it, or the request for it, on the present connection. */
  get standing() {
    return !["waiting", "refused", "ended"].includes(this.phase);
  }

  /** The session that the gateway took up again has it already. */
  asked() {
    this.phase = "asked";
  }

  request() {
    this.asked();
    const { position } = this.replica;
    return {
      type: "subscribe",
      ref: this.ref,
      source: this.source,
      ...(position !== null && { after: position }),
    };
  }

  /** The connection is gone; the rows and their position stay. */
  detached() {
    this.feed = null;
    this.phase = "waiting";
  }

  ended(phase) {
    this.feed = null;
    this.phase = phase;
  }

  subscribed(message) {
    const after = this.replica.position;
    this.replica.subscribed(message);
    this.feed = message.feed;
    this.phase = { snapshot: "snapshotting", replay: "replaying" }[message.start] ?? "live";
    this.#returning = after === null ? null : { position: after, batches: 0, changes: 0 };
    if (message.start === "live") {
      this.#caughtUp();
    }
  }

  snapshot(message) {
    const rows = this.replica.snapshot(message);
    if (message.more) {
      return;
    }
    this.phase = "live";
    this.#observer.snapshotApplied({ rows, returning: this.#returning !== null });
    this.#returning = null;
  }

  batch(message) {
    const changes = this.replica.batch(message);
    if (message.more) {
      return;
    }
    if (this.#returning !== null) {
      this.#returning.batches++;
      this.#returning.changes += changes;
    }
    this.#observer.batchApplied({ changes, replayed: this.#returning !== null });
  }

  progress(message) {
    this.replica.progress(message);
    if (this.replica.current) {
      this.#caughtUp();
    }
  }

  gap(message) {
    this.replica.gap(message);
    if (message.recovery === "snapshot") {
      this.phase = "snapshotting";
    }
    this.#observer.gap(message);
  }

  #caughtUp() {
    this.phase = "live";
    if (this.#returning !== null) {
      const returned = this.#returning;
      this.#returning = null;
      this.#observer.resumed(returned);
    }
  }
}
