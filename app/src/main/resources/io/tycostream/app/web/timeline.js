import { duration, timeOfDay, words } from "./format.js";

/** How far back the strip shows. */
export const WINDOW_MS = 10 * 60_000;

/**
 * The states of the last minutes, the oldest first: `{state, fromMs, toMs, reason}`, one behind the
 * other up to `now`. What lies before the first that the gateway still knows is not there.
 *
 * @param states `[{state, since, reason?}]` as /v1/sources tells them
 */
export function stretches(states, now, windowMs = WINDOW_MS) {
  const begin = now - windowMs;
  const told = states.map(({ state, since, reason }) =>
    ({ state, reason, at: Math.min(Date.parse(since), now) }));
  return told
    .map(({ state, reason, at }, index) => ({
      state,
      reason,
      fromMs: Math.max(at, begin),
      toMs: index + 1 < told.length ? Math.max(at, told[index + 1].at) : now,
    }))
    .filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** For how long each state held, longest first: `[state, ms]`. */
export function totals(shown) {
  const sums = new Map();
  for (const { state, fromMs, toMs } of shown) {
    sums.set(state, (sums.get(state) ?? 0) + toMs - fromMs);
  }
  return [...sums].sort(([, one], [, other]) => other - one);
}

/**
 * A strip of the states that a source was in, by colour, pattern and word, with their sums below
 * it, so that nobody has to tell colours apart.
 */
export class Timeline {
  #strip;
  #sums;
  #shown = "";

  constructor(strip, sums) {
    this.#strip = strip;
    this.#sums = sums;
  }

  /** @param states of the watched source, or nothing while they are not known */
  show(states, now) {
    const shown = stretches(states ?? [], now);
    const begin = now - WINDOW_MS;
    const share = (ms) => `${((100 * ms) / WINDOW_MS).toFixed(1)}%`;
    const drawn = JSON.stringify(shown.map((each) => [each.state, share(each.toMs - begin)]));
    if (drawn === this.#shown) {
      return; // else a pointer that rests on it would lose its hint
    }
    this.#shown = drawn;
    this.#strip.replaceChildren(...shown.map((each) => {
      const { state, reason, fromMs, toMs } = each;
      const segment = document.createElement("li");
      segment.dataset.state = state;
      segment.style.left = share(fromMs - begin);
      segment.style.width = share(toMs - fromMs);
      segment.title = `${words(state)} from ${timeOfDay(fromMs)} for ${duration(toMs - fromMs)}`
        + (reason ? `: ${reason}` : "");
      segment.textContent = words(state);
      return segment;
    }));
    this.#sums.replaceChildren(...totals(shown).map(([state, ms]) => {
      const sum = document.createElement("li");
      sum.dataset.state = state;
      sum.textContent = `${words(state)} ${duration(ms)}`;
      return sum;
    }));
  }
}
