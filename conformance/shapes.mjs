/** The fields of each message of the gateway, as docs/protocol.md lists them; those with `?` may be left out. */

const text = (value) => typeof value === "string" && value.length > 0;
const truth = (value) => typeof value === "boolean";
const count = (value) => Number.isInteger(value) && value >= 0;
const feed = (value) => Number.isInteger(value);
const object = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (element) => (value) => Array.isArray(value) && value.every(element);
const moment = (value) => text(value) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
const change = (value) => object(value) && ["insert", "update", "delete"].includes(value.op) && object(value.row);

const SHAPES = {
  welcome: {
    session: text, "resume?": text, resumed: truth, heartbeatMs: count, sessionTtlMs: count, node: text,
    limits: ({ maxMessage, maxRequest, maxSubscriptions, maxBuffer }) =>
      [maxMessage, maxRequest, maxSubscriptions, maxBuffer].every((limit) => count(limit) && limit > 0),
  },
  subscribed: {
    ref: text, feed, source: text, key: listOf(text), start: text, "position?": text, "seq?": count,
    columns: listOf((column) => text(column.name) && text(column.type)),
  },
  snapshot: { feed, part: count, rows: listOf(object), more: truth, "position?": text, "seq?": count },
  batch: {
    feed, seq: count, position: text, changes: listOf(change),
    "resync?": truth, "merged?": count, "part?": count, "more?": truth,
  },
  progress: { feed, position: text },
  source: {
    "feed?": feed, "ref?": text, state: text, since: moment,
    "attempt?": count, "retryInMs?": count, "reason?": text,
  },
  pressure: { buffered: count, capacity: count, level: text, feed },
  gap: {
    feed, after: (value) => value === null || text(value), upTo: text, reason: text,
    dropped: (value) => Number.isInteger(value) && value >= -1,
    recovery: (value) => ["snapshot", "fold", "none"].includes(value),
  },
  unsubscribed: { ref: text, "feed?": feed, "reason?": text },
  error: { "ref?": text, "feed?": feed, code: text, message: text, retryable: truth },
  pong: { "nonce?": text },
  bye: { code: count, reason: text, "retryInMs?": count, resumable: truth },
};

/** Which fields have to be there together, or not at all. */
const TOGETHER = {
  subscribed: ({ start, position, seq }) =>
    (start === "snapshot") === (position === undefined) && (start === "snapshot") === (seq === undefined),
  snapshot: ({ more, position, seq }) => more === (position === undefined) && more === (seq === undefined),
  batch: ({ part, more }) => (part === undefined) === (more === undefined),
  source: (message) => (message.feed === undefined) !== (message.ref === undefined),
};

/** What is wrong with a message, or nothing. Types and fields that are not listed are of a later version. */
export function complaint(raw) {
  let message;
  try {
    message = JSON.parse(raw);
  } catch {
    return "not JSON";
  }
  if (!object(message) || !text(message.type)) return "not an object with a text type";
  if (!raw.startsWith('{"type":"')) return "type does not come first";
  for (const [name, isRight] of Object.entries(SHAPES[message.type] ?? {})) {
    const value = message[name.replace("?", "")];
    if (value === undefined && name.endsWith("?")) continue;
    if (value === undefined) return `${message.type} without ${name}`;
    if (!isRight(value)) return `${message.type} with ${name} ${JSON.stringify(value)?.slice(0, 100)}`;
  }
  if (TOGETHER[message.type] && !TOGETHER[message.type](message)) {
    return `${message.type} with fields that do not go together: ${Object.keys(message)}`;
  }
  return null;
}
