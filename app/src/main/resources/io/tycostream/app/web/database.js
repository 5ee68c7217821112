/**
 * What is known of the gateway's own connection to the database, for the watched source: pushed in
 * `source` messages and polled from /v1/sources. The younger word on the state wins; the figures
 * come from the poll alone.
 */
export class Database {
  #changed;
  #told = null;
  #leftLiveMs = NaN; // on the gateway's clock

  /**
   * @param changed told `({from, to, reason, awayMs})` for every change of state after the first;
   *     `awayMs` is NaN but where the database is live again
   */
  constructor(changed) {
    this.#changed = changed;
    this.polled = null;
    /** Why it was away the last time, or null; stands on when it is back. */
    this.lastReason = null;
  }

  get state() {
    return this.#told?.state ?? "unknown";
  }

  get since() {
    return this.#told?.since;
  }

  get attempt() {
    return this.#told?.attempt;
  }

  /** Milliseconds until the gateway tries again, as of `now`, or null. */
  retryInMs(now) {
    return this.#told?.retryAt === undefined ? null : Math.max(0, this.#told.retryAt - now);
  }

  /** Another source: nothing is known of it yet. */
  forget() {
    this.#told = null;
    this.#leftLiveMs = NaN;
    this.polled = null;
    this.lastReason = null;
  }

  /** A `source` message. */
  pushed(message, now) {
    this.#tell(message, now);
  }

  /** The watched source's entry of /v1/sources. */
  poll(entry, now) {
    this.polled = entry;
    // An answer that was overtaken by a push is older in its own words.
    if (!(Date.parse(entry.since) < Date.parse(this.#told?.since))) {
      this.#tell({ ...entry, attempt: entry.attempts, reason: entry.reason }, now);
    }
  }

  /** The gateway cannot be asked. */
  unreachable() {
    this.polled = null;
    this.#tell({ state: "unknown" }, 0);
  }

  #tell({ state, since, attempt, retryInMs, reason }, now) {
    const from = this.#told?.state;
    // The poll need not know the attempt: what was pushed about the same state still holds.
    const same = from === state && this.#told.since === since;
    const retryAt = Number.isFinite(retryInMs) ? now + retryInMs : undefined;
    this.#told =
      { state, since, attempt: attempt ?? (same ? this.#told.attempt : undefined), retryAt };
    this.lastReason = reason ?? this.lastReason;
    if (from !== undefined && from !== state) {
      if (from === "live") {
        this.#leftLiveMs = Date.parse(since);
      }
      const awayMs = state === "live" ? Date.parse(since) - this.#leftLiveMs : NaN;
      this.#changed({ from, to: state, reason, awayMs });
    }
  }
}
