/**
 * How long to wait before the next attempt: full jitter between `minMs` and a ceiling that doubles
 * with every failure up to `maxMs`. Already the first delay is random, so that the clients of a
 * restarted gateway do not come back all at once.
 */
export class Backoff {
  constructor({ minMs = 500, maxMs = 20_000 } = {}) {
    this.minMs = minMs;
    this.maxMs = maxMs;
  }

  /** Milliseconds; `attempt` counts from 0, `chance` is in [0, 1). Total for every attempt. */
  delay(attempt, chance) {
    const ceiling = Math.min(this.maxMs, this.minMs * 2 ** (attempt + 1));
    return this.minMs + chance * (ceiling - this.minMs);
  }
}
