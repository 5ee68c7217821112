// Texts for people: durations, counts, times of day, positions.

const grouped = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export function count(number) {
  return Number.isFinite(number) ? grouped.format(number) : "–";
}

/** "1 change", "2 changes". */
export function counted(number, noun, plural = `${noun}s`) {
  return `${count(number)} ${number === 1 ? noun : plural}`;
}

export function duration(ms) {
  if (!Number.isFinite(ms)) {
    return "–";
  }
  if (ms < 1_000) {
    return `${Math.max(0, Math.round(ms))} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1_000).toFixed(1)} s`;
  }
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60
    ? `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function timeOfDay(date) {
  return clock.format(date);
}

/** The time of day of an ISO 8601 text and how long ago it is. */
export function since(text, now) {
  const date = new Date(text);
  return Number.isNaN(date.getTime())
    ? "–"
    : `${timeOfDay(date)} (${duration(now - date.getTime())})`;
}

/** Positions are opaque; of three parts the middle one is what moves on, so that is what stays. */
export function shortPosition(position) {
  const parts = position.split(".");
  if (parts.length === 3) {
    return `${parts[0].slice(0, 4)}…${parts[1].replace(/^0+(?=.)/, "")}`;
  }
  return position.length > 20 ? `${position.slice(0, 6)}…${position.slice(-12)}` : position;
}

export function words(state) {
  return state.replaceAll("-", " ");
}
