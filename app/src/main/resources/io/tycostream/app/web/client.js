import { Backoff } from "./backoff.js";
import { Connection } from "./connection.js";
import { BrokenStream } from "./protocol.js";
import { Subscription } from "./subscription.js";

/**
 * A protocol client that watches one source at a time: hands messages from the connection to the
 * subscription and counts. Knows nothing of the page. The rows go to `view` (see replica.js), what
 * happens is told to `observer`: `connectionChanged`, `welcomed`, `resumed`, `snapshotApplied`,
 * `gap`, `source`, `pressure`, `refused`, `ended` and `broken`, each with one object.
 */
export class Client {
  #connection;
  #clock;
  #random;
  #backoff;
  #view;
  #observer;
  #subscription = null;
  #sessionRef = null; // the ref that the present session is known to have
  #leaving = new Set(); // refs whose `unsubscribe` is on its way
  #refs = 0;
  #refusals = 0;
  #cancelRetry = () => {};
  #leftOpenMs = null;

  constructor({
    openSocket, clock, random = Math.random, backoff = new Backoff(), token = () => null, view,
    observer,
  }) {
    this.#clock = clock;
    this.#random = random;
    this.#backoff = backoff;
    this.#view = view;
    this.#observer = observer;
    this.counters = {
      batches: 0, changes: 0, replayed: 0, snapshots: 0, gaps: 0, reconnects: 0, resumes: 0,
    };
    /** When the source last told anything, on the clock's scale. */
    this.lastHeardMs = null;
    const owner = {
      stateChanged: (state, from) => this.#stateChanged(state, from),
      positionsToResume: () => this.#positionsToResume(),
      greeted: (resuming) => this.#greeted(resuming),
      welcomed: (resumed) => this.#welcomed(resumed),
      received: (message) => this.#received(message),
      failed: (failure) => this.#failed(failure),
    };
    this.#connection = new Connection({ openSocket, clock, random, backoff, token, owner });
  }

  get connection() {
    return this.#connection.state;
  }

  get subscription() {
    return this.#subscription;
  }

  /** Shows this source instead of the one before; connects when there is no connection yet. */
  watch(source) {
    const before = this.#subscription;
    this.#cancelRetry();
    this.#refusals = 0;
    this.#refs++;
    this.#subscription =
      new Subscription(`${source}#${this.#refs}`, source, this.#view, this.#counting());
    this.lastHeardMs = null;
    this.#view.reset([]);
    if (this.connection.name === "open") {
      if (before !== null && before.standing) {
        this.#leave(before.ref);
      }
      this.#subscribe();
    } else if (this.connection.name === "closed") {
      this.#connection.connect();
    }
  }

  /** Tries at once instead of waiting on, as when the network is back. */
  connectNow() {
    if (this.connection.name === "waiting") {
      this.#connection.connect();
    }
  }

  /** Comes back from a close that was for good, because there are other credentials now. */
  connectAnew() {
    if (this.connection.name === "closed" && this.#subscription !== null) {
      this.#connection.connect();
    }
  }

  drop() {
    this.#connection.drop();
  }

  sleep(ms) {
    this.#connection.sleep(ms);
  }

  #stateChanged(state, from) {
    if (from.name === "open") {
      this.#leftOpenMs = this.#clock.now();
    }
    if (state.name === "waiting" || state.name === "closed") {
      this.#cancelRetry();
      this.#leaving.clear();
      this.#subscription.detached();
    }
    this.#observer.connectionChanged({ state, from });
  }

  #positionsToResume() {
    const { ref, replica } = this.#subscription;
    if (this.#sessionRef !== ref) {
      return null;
    }
    return replica.position === null ? {} : { [ref]: replica.position };
  }

  #greeted(resuming) {
    if (!resuming) {
      this.#sessionRef = null;
      this.#subscribe();
    }
  }

  #welcomed(resumed) {
    const downMs = this.#leftOpenMs === null ? null : this.#clock.now() - this.#leftOpenMs;
    if (downMs !== null) {
      this.counters.reconnects++;
    }
    this.#observer.welcomed({ resumed, downMs });
    if (resumed && this.#sessionRef === this.#subscription.ref) {
      this.#subscription.asked();
    } else if (!this.#subscription.standing) {
      this.#sessionRef = null;
      this.#subscribe();
    }
  }

  #subscribe() {
    this.#connection.send(this.#subscription.request());
  }

  #leave(ref) {
    this.#leaving.add(ref);
    this.#connection.send({ type: "unsubscribe", ref });
  }

  #received(message) {
    const subscription = this.#subscription;
    const ours = message.ref === subscription.ref
      || (message.feed !== undefined && message.feed === subscription.feed);
    if (!ours) {
      this.#receivedForAnother(message);
      return;
    }
    this.lastHeardMs = this.#clock.now();
    switch (message.type) {
      case "subscribed":
        this.#sessionRef = subscription.ref;
        this.#refusals = 0;
        subscription.subscribed(message);
        break;
      case "snapshot":
        subscription.snapshot(message);
        break;
      case "batch":
        subscription.batch(message);
        break;
      case "progress":
        subscription.progress(message);
        break;
      case "gap":
        subscription.gap(message);
        break;
      case "source":
        this.#observer.source(message);
        break;
      case "pressure":
        this.#observer.pressure(message);
        break;
      case "error":
        this.#refused(message);
        break;
      case "unsubscribed":
        this.#sessionRef = null;
        subscription.ended("ended");
        this.#observer.ended(message);
        break;
      default: // a type of a later version
    }
  }

  #receivedForAnother(message) {
    if (message.type === "subscribed" && !this.#leaving.has(message.ref)) {
      // Restored with the session or asked for just before another source was picked.
      this.#leave(message.ref);
    } else if (message.type === "unsubscribed") {
      this.#leaving.delete(message.ref);
    } else if (message.type === "error" && !this.#leaving.has(message.ref)) {
      this.#observer.refused({ ...message, retryInMs: null });
    }
  }

  #refused(message) {
    const subscription = this.#subscription;
    this.#sessionRef = null;
    if (message.code === "bad-position") {
      subscription.replica.distrust();
    } else if (message.retryable !== true) {
      subscription.ended("refused");
      this.#observer.refused({ ...message, retryInMs: null });
      return;
    }
    const retryInMs = this.#backoff.delay(this.#refusals, this.#random());
    this.#refusals++;
    subscription.ended("waiting");
    this.#cancelRetry = this.#clock.after(retryInMs, () => this.#subscribe());
    this.#observer.refused({ ...message, retryInMs });
  }

  #failed(failure) {
    if (!(failure instanceof BrokenStream && failure.rowsIntact)) {
      this.#subscription.replica.distrust();
    }
    this.#observer.broken(failure);
  }

  #counting() {
    const { counters } = this;
    return {
      batchApplied: ({ changes, replayed }) => {
        counters.batches++;
        counters.changes += changes;
        counters.replayed += replayed ? changes : 0;
      },
      snapshotApplied: (snapshot) => {
        counters.snapshots++;
        this.#observer.snapshotApplied(snapshot);
      },
      resumed: (returned) => {
        counters.resumes++;
        this.#observer.resumed(returned);
      },
      gap: (gap) => {
        counters.gaps++;
        this.#observer.gap(gap);
      },
    };
  }
}
