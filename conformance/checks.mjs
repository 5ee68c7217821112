/**
 * The checks, each named after the sentence of docs/protocol.md that it proves. They run in this order, on connections of their
 * own, beside the witness: a client that follows the whole source from the first check to the last and never leaves.
 */
import { Connection, Failed, SUBPROTOCOL, equal, holds, malformed, sameRows, until } from "./client.mjs";
import { Table, partsOf } from "./table.mjs";

/** A check that does not apply to this gateway or this source. */
export class Skipped extends Error {}

/** Types whose columns can be compared in a filter. */
const COMPARABLE = new Set([
  "int2", "int4", "int8", "uint2", "uint4", "uint8", "oid", "numeric", "float4", "float8", "mz_timestamp", "text", "varchar",
  "name", "bpchar", "bool", "uuid", "date", "time", "timetz", "timestamp", "timestamptz",
]);
const CUTS = 20;
const NO_NAME = "no such name, for sure";

/** What the checks share. */
export class Gateway {
  witness = null;
  welcome = null;
  #open = [];

  constructor({ url, source, token, filter }) {
    Object.assign(this, { url, source, token, filter });
  }

  /** A WebSocket, ended after the check. */
  async connect(options) {
    const connection = await Connection.open(this.url, options);
    if (connection instanceof Connection) this.#open.push(connection);
    return connection;
  }

  hello(more = {}) {
    return { type: "hello", ...(this.token ? { token: this.token } : {}), ...more };
  }

  /** A connection that has been welcomed. */
  async greeted(more) {
    const connection = await this.connect();
    connection.send(this.hello(more));
    connection.welcome = await connection.next({ type: "welcome" });
    return connection;
  }

  /** A connection that follows the source, with its rows. */
  async following(request = {}, table = new Table(), options = {}) {
    const connection = await this.greeted();
    const follower = connection.follow({ ref: "t", source: this.source, ...request }, table, options);
    await follower.ready();
    return follower;
  }

  endConnections() {
    for (const connection of this.#open) if (connection !== this.witness?.connection) connection.cut();
    this.#open = [];
  }

  /** The columns that filters can compare, others before the key, each with its values. */
  #columns() {
    const { columns, key } = this.witness.heard("subscribed").at(-1);
    return columns
      .filter(({ type }) => COMPARABLE.has(type))
      .sort((a, b) => key.includes(a.name) - key.includes(b.name))
      .map(({ name }) => {
        const values = [...this.witness.table.rows.values()].map(({ row }) => row[name]);
        return { column: name, values: [...new Set(values.filter((value) => value !== null))] };
      });
  }

  /** A column that filters can compare, and a value of it. */
  comparable() {
    const found = this.#columns().find(({ values }) => values.length > 0);
    if (!found) throw new Skipped("no row has a value that a filter can compare");
    return { column: found.column, value: found.values[0] };
  }

  /** The column that filters can compare with the most values. */
  mostValues() {
    return this.#columns().sort((a, b) => b.values.length - a.values.length)[0] ?? { values: [] };
  }
}

/** Sends what is to be refused and expects the error, and that the connection stays. */
async function refused(connection, request, error) {
  const raw = typeof request === "string" ? request : JSON.stringify(request);
  connection.send(raw);
  const answer = await connection.next({ type: "error" });
  equal(`the answer to ${raw.slice(0, 200)}`, { ...answer, ...error }, answer);
  holds("the message says what is wrong", answer.message.length > 0, answer);
  connection.send({ type: "ping", nonce: "still there" });
  await connection.next({ type: "pong", nonce: "still there" });
  return answer;
}

/** Expects `bye` and a close frame with a code. */
async function closedWith(connection, code, resumable) {
  const closed = await connection.end();
  equal("the close code", closed.code, code);
  const bye = connection.heard.at(-1);
  equal("bye is the last message", { type: bye?.type, code: bye?.code, resumable: bye?.resumable },
    { type: "bye", code, resumable });
}

const checks = [];
const check = (sentence, run) => checks.push({ sentence, run });
export default checks;

// Connection

check("Connection: the subprotocol is tycostream.v1.json; none offered means this one", async (gateway) => {
  equal("the subprotocol that is chosen", (await gateway.connect()).protocol, SUBPROTOCOL);
  const among = await gateway.connect({ protocols: ["soap", SUBPROTOCOL] });
  equal("the subprotocol that is chosen among others", among.protocol, SUBPROTOCOL);
  const none = await gateway.connect({ protocols: [] });
  holds("the upgrade without a subprotocol is granted", none instanceof Connection, none);
  none.send(gateway.hello());
  await none.next({ type: "welcome" });
});

check("Connection: only others offered: the upgrade is refused with 400", async (gateway) => {
  equal("the status", await gateway.connect({ protocols: ["tycostream.v9.json", "soap"] }), 400);
});

check("Connection: an Origin that is not the gateway's own and does not stand in its list is refused with 403", async (gateway) => {
  equal("the status", await gateway.connect({ headers: { Origin: "https://nobody.invalid" } }), 403);
});

check("hello: first on each connection, answered by welcome, with all its fields", async (gateway) => {
  const connection = await gateway.connect();
  connection.send(gateway.hello({ client: "conformance" }));
  const welcome = await connection.next({ type: "welcome" });
  equal("welcome is the first message", connection.heard[0], welcome);
  for (const field of ["session", "resumed", "heartbeatMs", "sessionTtlMs", "node", "limits"]) {
    holds(`welcome has ${field}`, welcome[field] !== undefined, welcome);
  }
  equal("a new session is not resumed", welcome.resumed, false);
  equal("a token is there where sessions are kept", welcome.resume !== undefined, welcome.sessionTtlMs > 0);
  gateway.welcome = welcome;
});

check("Connection: credentials in a header, or token in hello, which wins; wrong ones are answered by bye and 4401", async (gateway) => {
  if (!gateway.token) throw new Skipped("no --token was given");
  const wrong = await gateway.connect();
  wrong.send(gateway.hello({ token: "wrong" }));
  await closedWith(wrong, 4401, true);
  const headers = { Authorization: `Bearer ${gateway.token}` };
  const header = await gateway.connect({ headers });
  header.send({ type: "hello" });
  await header.next({ type: "welcome" });
  const both = await gateway.connect({ headers });
  both.send({ type: "hello", token: "wrong" });
  await closedWith(both, 4401, true);
});

check("Connection: a client may send subscribes right behind hello without waiting for the answer", async (gateway) => {
  const connection = await gateway.connect();
  connection.send(gateway.hello({ client: "conformance-witness" }));
  gateway.witness = connection.follow({ ref: "witness", source: gateway.source }, new Table());
  await gateway.witness.ready();
  equal("welcome is the first message", connection.heard[0].type, "welcome");
  const first = connection.heard.find(({ type }) => type !== "welcome" && type !== "source");
  equal("subscribed is the next one", first.type, "subscribed");
});

check("Both sides ignore unknown fields; a field that is null counts as left out", async (gateway) => {
  const connection = await gateway.connect();
  connection.send(gateway.hello({ later: { a: [1, null] }, resume: null, buffer: null }));
  await connection.next({ type: "welcome" });
  const request = { ref: "t", source: gateway.source, where: null, columns: null, after: null, later: true };
  await connection.follow(request).ready();
  connection.send({ type: "ping", nonce: null, later: 1 });
  const pong = await connection.next({ type: "pong" });
  equal("a pong without nonce", pong.nonce, undefined);
});

check("hello may be sent again; it is answered again, and everything goes on", async (gateway) => {
  const follower = await gateway.following();
  follower.connection.send(gateway.hello());
  const again = await follower.connection.next({ type: "welcome" });
  equal("the session", again.session, follower.connection.welcome.session);
  await follower.batchesMore(1);
});

// Rows

check("subscribed: ref, source, key and columns; with start snapshot neither position nor seq", async (gateway) => {
  const follower = await gateway.following({ ref: "a ref of my own" });
  const { ref, source, start, key, columns, position, seq } = follower.heard("subscribed")[0];
  equal("what was asked for", { ref, source, start }, { ref: "a ref of my own", source: gateway.source, start: "snapshot" });
  const names = columns.map(({ name }) => name);
  holds("the key is among the columns", key.every((name) => names.includes(name)), { key, names });
  equal("position and seq", [position, seq], [undefined, undefined]);
});

check("snapshot: parts 0, 1, 2, …; more is false, and position and seq are there, on the last part alone", async (gateway) => {
  const follower = await gateway.following();
  const parts = follower.heard("snapshot");
  equal("the numbers of the parts", parts.map(({ part }) => part), parts.map((_, i) => i));
  equal("more", parts.map(({ more }) => more), parts.map((_, i) => i < parts.length - 1));
  equal("position", parts.map(({ position }) => position !== undefined), parts.map((_, i) => i === parts.length - 1));
  const columns = follower.heard("subscribed")[0].columns.map(({ name }) => name).sort();
  for (const row of parts.flatMap(({ rows }) => rows)) equal("whole rows", Object.keys(row).sort(), columns);
  const { maxMessage } = follower.connection.welcome.limits;
  for (const [i, raw] of follower.connection.raw.entries()) {
    const { rows } = follower.connection.heard[i];
    holds("no message over limits.maxMessage, unless a single row is larger",
      Buffer.byteLength(raw) <= maxMessage || rows?.length === 1, Buffer.byteLength(raw));
  }
});

check("batch: each has the seq before plus 1, names each key at most once, and its position lies behind the one before", async (gateway) => {
  const follower = await gateway.following();
  await follower.batchesMore(5); // the table checks it of each
  const merged = follower.heard("batch").filter((batch) => batch.merged !== undefined);
  holds("whole transactions, unless the client is slow", merged.length === 0 || follower.heard("gap").length > 0, merged[0]);
});

check("progress: at once after a snapshot, and about once a second", async (gateway) => {
  const follower = await gateway.following();
  await follower.until("progress comes", () => follower.heard("progress").length >= 2);
  holds("source tells how the gateway's own connection stands", follower.heard("source").length > 0, follower.messages.slice(0, 3));
});

check("After each batch the rows equal those of a snapshot at the same position", async (gateway) => {
  for (let i = 0; i < 3; i++) {
    await gateway.witness.batchesMore(2);
    await sameRows(gateway.witness, await gateway.following());
  }
});

check("feed: all who follow one definition at the same time get the same seqs and the same bytes, in whatever words", async (gateway) => {
  const plain = await gateway.following({ where: {} });
  equal("the feed", plain.table.feed, gateway.witness.table.feed);
  const { column } = gateway.comparable();
  const one = await gateway.following({ where: { [column]: { _is_null: false } } });
  const other = await gateway.following({ where: { _and: [{ _and: [{ [column]: { _is_null: false } }] }] } });
  equal("the feed of the filter in other words", other.table.feed, one.table.feed);
  for (const [left, right] of [[plain, gateway.witness], [one, other]]) {
    const common = () => [...left.batches.keys()].filter((seq) => right.batches.has(seq));
    await left.until("both get the same batches", () => right.broken || common().length >= 3);
    for (const seq of common()) equal(`the bytes of batch ${seq}`, left.batches.get(seq), right.batches.get(seq));
  }
});

// Coming back

check("after within the history: subscribed with start replay, then each batch behind it, and no snapshot", async (gateway) => {
  const { table, connection } = await gateway.following();
  const { position } = table;
  connection.cut();
  await gateway.witness.until("who stayed comes as far", () => gateway.witness.table.position >= position);
  await gateway.witness.batchesMore(3);
  const back = await gateway.following({}, table);
  const subscribed = back.heard("subscribed")[0];
  equal("start and position", [subscribed.start, subscribed.position], ["replay", position]);
  await sameRows(gateway.witness, back);
  equal("no snapshot and no gap", [...back.heard("snapshot"), ...back.heard("gap")], []);
  const replayed = back.heard("batch").filter(({ merged }) => merged === undefined);
  const wholes = replayed.filter(({ more }) => !more).length;
  holds("what happened meanwhile comes batch by batch", wholes >= 3, wholes);
  const told = new Map(gateway.witness.heard("batch").map((batch) => [keyOf(batch), batch.changes]));
  // The next batches may be here already, and not yet with who stayed.
  const both = replayed.filter(({ position: upTo }) => upTo <= gateway.witness.table.position);
  for (const batch of both) equal(`as who stayed got it: ${keyOf(batch)}`, batch.changes, told.get(keyOf(batch)));
});

const keyOf = ({ position, part = 0 }) => `part ${part} of the batch up to ${position}`;

check("The same with a filter of its own, also when nobody followed it meanwhile", async (gateway) => {
  const where = gateway.filter ?? { [gateway.comparable().column]: { _is_null: false } };
  const { table, connection } = await gateway.following({ where });
  connection.cut();
  await gateway.witness.batchesMore(3);
  const back = await gateway.following({ where }, table);
  equal("start", back.heard("subscribed")[0].start, "replay");
  await sameRows(back, await gateway.following({ where }));
  equal("no snapshot and no gap", [...back.heard("snapshot"), ...back.heard("gap")], []);
});

check("after of a progress: a resume from any position that was sent is exact", async (gateway) => {
  const { table, connection } = await gateway.following();
  await until("a progress is the last thing heard of the feed", () => {
    const last = connection.heard.filter(({ feed }) => feed === table.feed).at(-1);
    return connection.closed || (last?.type === "progress" && last.position === table.position);
  });
  connection.cut();
  const back = await gateway.following({}, table);
  equal("start", back.heard("subscribed")[0].start, "replay");
  await back.batchesMore(2);
  await sameRows(gateway.witness, back);
});

check("A client that was cut many times and one that never was have the same rows at the same position", async (gateway) => {
  const table = new Table();
  let replays = 0;
  for (let cut = 0; cut < CUTS; cut++) {
    const hadRows = table.position !== null;
    const connection = await gateway.greeted();
    const follower = connection.follow({ ref: "t", source: gateway.source }, table);
    // At once, and ever later: before the first word, within the snapshot or the replay, when all is quiet.
    await follower.until("messages come", () => follower.messages.length >= cut % 7);
    connection.cut();
    const [subscribed] = follower.heard("subscribed");
    if (subscribed) equal("start", subscribed.start, hadRows ? "replay" : "snapshot");
    equal("no gap, and no snapshot once there were rows",
      [...follower.heard("gap"), ...(hadRows ? follower.heard("snapshot") : [])], []);
    if (subscribed && hadRows) replays++;
  }
  holds("it has resumed", replays > CUTS / 2, replays);
  const back = await gateway.following({}, table);
  equal("start", back.heard("subscribed")[0].start, "replay");
  await back.batchesMore(1);
  await sameRows(gateway.witness, back);
});

check("hello with resume and positions: resumed is true, and its subscriptions are there again and begin as with after", async (gateway) => {
  const { table, connection } = await sessionThatIsLeft(gateway);
  const position = table.position;
  await gateway.witness.batchesMore(2);
  const again = await gateway.connect();
  const back = again.expect("t", table);
  again.send(gateway.hello({ resume: connection.welcome.resume, positions: { t: position } }));
  const welcome = await again.next({ type: "welcome" });
  equal("resumed", welcome.resumed, true);
  equal("the session", welcome.session, connection.welcome.session);
  await back.ready();
  const { start, position: from } = back.heard("subscribed")[0];
  equal("start and position", [start, from], ["replay", position]);
  await sameRows(gateway.witness, back);
});

check("A ref without a position begins with a snapshot", async (gateway) => {
  const { connection } = await sessionThatIsLeft(gateway);
  const again = await gateway.connect();
  const back = again.expect("t", new Table());
  again.send(gateway.hello({ resume: connection.welcome.resume }));
  equal("resumed", (await again.next({ type: "welcome" })).resumed, true);
  await back.ready();
  equal("start", back.heard("subscribed")[0].start, "snapshot");
});

check("A connection that takes a session up ends the one that has it (4409)", async (gateway) => {
  const first = await gateway.following();
  const { resume } = first.connection.welcome;
  if (!resume) throw new Skipped("the gateway keeps no sessions");
  const second = await gateway.greeted({ resume });
  equal("resumed", second.welcome.resumed, true);
  await closedWith(first.connection, 4409, true);
  second.send({ type: "ping", nonce: "n" });
  await second.next({ type: "pong", nonce: "n" });
});

check("A close with 1000 ends the session too; with resumed false the client subscribes again with after", async (gateway) => {
  const { table, connection } = await gateway.following();
  const { resume } = connection.welcome;
  if (!resume) throw new Skipped("the gateway keeps no sessions");
  connection.socket.close(1000);
  equal("the close is answered", (await connection.end()).code, 1000);
  table.disconnected();
  const again = await gateway.greeted({ resume });
  equal("resumed", again.welcome.resumed, false);
  const back = again.follow({ ref: "t", source: gateway.source }, table);
  await back.ready();
  equal("start", back.heard("subscribed")[0].start, "replay");
});

check("A token that nobody gave out is of no use: resumed is false", async (gateway) => {
  equal("resumed", (await gateway.greeted({ resume: "eyJhbGciOiJub25lIn0.e30." })).welcome.resumed, false);
});

async function sessionThatIsLeft(gateway) {
  const follower = await gateway.following();
  if (!follower.connection.welcome.resume) throw new Skipped("the gateway keeps no sessions");
  follower.connection.cut();
  return follower;
}

check("after of another database or history: start snapshot, gap position-unknown, the snapshot", async (gateway) => {
  await leadsToASnapshot(gateway, `elsewhere-${gateway.witness.table.position}`, "position-unknown");
});

check("after of another definition: start snapshot, gap definition-changed, the snapshot", async (gateway) => {
  const { column } = gateway.comparable();
  const other = await gateway.following({ where: { [column]: { _is_null: false } } });
  await leadsToASnapshot(gateway, other.table.position, "definition-changed");
});

async function leadsToASnapshot(gateway, after, reason) {
  const follower = await gateway.following({ after });
  const told = follower.messages.filter(({ type }) => ["subscribed", "gap", "snapshot", "batch"].includes(type));
  equal("the order", told.slice(0, 3).map(({ type }) => type), ["subscribed", "gap", "snapshot"]);
  const [subscribed, gap] = told;
  equal("start", subscribed.start, "snapshot");
  equal("the gap", [gap.reason, gap.recovery, gap.dropped], [reason, "snapshot", -1]);
  await sameRows(gateway.witness, follower);
}

// Parts of a source

check("where: a row comes when it matches; what matches and what does not are together all rows", async (gateway) => {
  const { column, value } = gateway.comparable();
  const where = gateway.filter ?? { [column]: { _eq: value } };
  const rest = gateway.filter
    ? { _not: gateway.filter } // what is neither true nor false is in neither
    : { _or: [{ [column]: { _neq: value } }, { [column]: { _is_null: true } }] };
  const options = { versions: true };
  const connection = await gateway.greeted();
  const follow = (ref, more) =>
    connection.follow({ ref, source: gateway.source, ...more }, new Table(), options);
  const [all, in_, out] = [follow("all", {}), follow("in", { where }), follow("out", { where: rest })];
  for (const each of [all, in_, out]) await each.ready();
  const begin = [all, in_, out].map((each) => timeOf(each)).sort().at(-1);
  await all.batchesMore(3);
  const upTo = timeOf(all);
  for (const each of [in_, out]) await each.until("it comes as far", () => timeOf(each) >= upTo);
  let compared = 0;
  for (const { position, rows } of all.versions) {
    const { time } = partsOf(position);
    if (time < begin || time > upTo) continue;
    const [inside, outside] = [rowsAt(in_, time), rowsAt(out, time)];
    for (const [id, { copies }] of inside) {
      equal(`no row is in both at ${position}`, outside.get(id), undefined);
      equal(`each is a row of the source at ${position}`, rows.get(id)?.copies, copies);
    }
    for (const [id, { copies }] of outside) equal(`each is a row of the source at ${position}`, rows.get(id)?.copies, copies);
    if (!gateway.filter) {
      equal(`together all rows at ${position}`, inside.size + outside.size, rows.size);
      for (const { row } of inside.values()) equal("the value that was asked for", row[column], value);
    }
    compared++;
  }
  holds("moments were compared", compared > 0, compared);
});

const timeOf = (follower) => partsOf(follower.table.position).time;

/** The rows at a moment: those of the last change up to it. */
function rowsAt(follower, time) {
  return follower.versions.filter(({ position }) => partsOf(position).time <= time).at(-1).rows;
}

check("columns: the chosen ones and the key, in the order of the table", async (gateway) => {
  const { key, columns } = gateway.witness.heard("subscribed").at(-1);
  const chosen = [columns.at(-1).name];
  const expected = columns.filter(({ name }) => key.includes(name) || chosen.includes(name));
  const follower = await gateway.following({ columns: chosen });
  equal("the columns", follower.heard("subscribed")[0].columns, expected);
  for (const { row } of follower.table.rows.values()) {
    equal("the fields of a row", Object.keys(row), expected.map(({ name }) => name));
  }
  if (key.length > 0) {
    const bare = await gateway.following({ columns: [] });
    equal("[] is the key alone", bare.heard("subscribed")[0].columns.map(({ name }) => name).sort(), [...key].sort());
  }
});

check("delta: an update has the key and the changed columns only, and comes to the same rows", async (gateway) => {
  const follower = await gateway.following({ delta: true });
  await follower.batchesMore(3);
  const { key } = follower.heard("subscribed")[0];
  for (const batch of follower.heard("batch")) {
    for (const { op, row } of batch.changes) {
      if (op === "delete" && key.length > 0) equal("a delete has the key", Object.keys(row).sort(), [...key].sort());
      if (op === "update") holds("an update has the key", key.every((name) => name in row), row);
    }
  }
  // The position is of the definition, of which delta is no part: the same moment has the same name.
  await sameRows(gateway.witness, follower);
});

check("onGap continue with snapshot false: start live, and what comes is numbered from its seq on", async (gateway) => {
  const connection = await gateway.greeted();
  connection.send({ type: "subscribe", ref: "e", source: gateway.source, onGap: "continue", snapshot: false });
  const subscribed = await connection.next({ type: "subscribed", ref: "e" });
  equal("start", subscribed.start, "live");
  const batches = () => connection.heard.filter(({ type, feed, part = 0 }) => type === "batch" && feed === subscribed.feed && part === 0);
  await until("batches come", () => connection.closed || batches().length >= 3);
  batches().forEach(({ seq }, i) => equal("seq", seq, subscribed.seq + 1 + i));
  equal("no snapshot", connection.heard.filter(({ type }) => type === "snapshot"), []);
});

// Requests

check("unsubscribe: answered by unsubscribed; nothing of the feed follows, and the ref is free again", async (gateway) => {
  const { connection, table } = await gateway.following();
  connection.send({ type: "unsubscribe", ref: "t" });
  const { feed } = await connection.next({ type: "unsubscribed", ref: "t" });
  equal("the feed", feed, table.feed);
  const after = connection.heard.length;
  await gateway.witness.batchesMore(1);
  connection.send({ type: "ping", nonce: "later" });
  await connection.next({ type: "pong", nonce: "later" });
  equal("what is heard of the feed", connection.heard.slice(after).filter((message) => message.feed === feed), []);
  table.disconnected();
  const again = connection.follow({ ref: "t", source: gateway.source }, new Table());
  await again.ready();
  connection.send({ type: "unsubscribe", feed: again.table.feed });
  await connection.next({ type: "unsubscribed", ref: "t" });
});

check("ping: answered by pong with the same nonce", async (gateway) => {
  const connection = await gateway.greeted();
  for (const nonce of ["n1", "ü \"\\ 😀", "x".repeat(128)]) {
    connection.send({ type: "ping", nonce });
    await connection.next({ type: "pong", nonce });
  }
});

check("ack: accepted for positions that were sent, also again; bad-position for others, unknown-feed for other feeds", async (gateway) => {
  const connection = await gateway.greeted({ acks: true });
  const follower = connection.follow({ ref: "t", source: gateway.source });
  await follower.ready();
  const { feed } = follower.table;
  const first = follower.heard("snapshot").at(-1).position;
  await follower.batchesMore(2);
  const { position } = follower.heard("batch").at(-1);
  for (const each of [first, position, position, first]) connection.send({ type: "ack", feed, position: each });
  connection.send({ type: "ping", nonce: "acked" });
  await connection.next({ type: "pong", nonce: "acked" });
  equal("errors", connection.heard.filter(({ type }) => type === "error"), []);
  await refused(connection, { type: "ack", feed, position: `elsewhere-${position}` }, { code: "bad-position", retryable: false });
  await refused(connection, { type: "ack", feed: 2 ** 30, position }, { code: "unknown-feed", retryable: false });
});

const ERRORS = [
  ["bad-request: a field is missing or has a wrong value; the message names it", (source) => [
    [{ type: "subscribe", source }, { code: "bad-request" }],
    [{ type: "subscribe", ref: "r" }, { code: "bad-request", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, priority: 10 }, { code: "bad-request", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, snapshot: false }, { code: "bad-request", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, columns: ["a", "a"] }, { code: "bad-request", ref: "r" }],
    [{ type: "unsubscribe" }, { code: "bad-request" }],
    [{ type: "ping", nonce: 7 }, { code: "bad-request" }],
  ]],
  ["unknown-type: no message of a client has this type", () => [[{ type: "publish", ref: "r" }, { code: "unknown-type", ref: "r" }]]],
  ["unknown-source: there is no such source", () => [[{ type: "subscribe", ref: "r", source: NO_NAME }, { code: "unknown-source", ref: "r" }]]],
  ["unknown-column: columns or where names a column that is not there", (source) => [
    [{ type: "subscribe", ref: "r", source, columns: [NO_NAME] }, { code: "unknown-column", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, where: { [NO_NAME]: { _eq: 1 } } }, { code: "unknown-column", ref: "r" }],
  ]],
  ["bad-filter: where is no filter, or an operator or value does not go with a column", (source) => [
    [{ type: "subscribe", ref: "r", source, where: [] }, { code: "bad-filter", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, where: { x: { _equal: 1 } } }, { code: "bad-filter", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, where: { x: { _eq: null } } }, { code: "bad-filter", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, where: { x: { _in: Array(1001).fill(0) } } }, { code: "bad-filter", ref: "r" }],
  ]],
  ["bad-position: after is no position of a gateway", (source) => [
    [{ type: "subscribe", ref: "r", source, after: "yesterday" }, { code: "bad-position", ref: "r" }],
  ]],
  ["unknown-feed: an unsubscribe of a subscription that is not there", () => [
    [{ type: "unsubscribe", ref: "r" }, { code: "unknown-feed", ref: "r" }],
    [{ type: "unsubscribe", feed: 2 ** 30 }, { code: "unknown-feed", feed: 2 ** 30 }],
  ]],
  ["policy-needs-events, policy-needs-state: the drop policy does not go with onGap", (source) => [
    [{ type: "subscribe", ref: "r", source, buffer: { dropPolicy: "sample" } }, { code: "policy-needs-events", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, buffer: { dropPolicy: "drop-newest" } }, { code: "policy-needs-events", ref: "r" }],
    [{ type: "subscribe", ref: "r", source, onGap: "continue", buffer: { dropPolicy: "conflate" } }, { code: "policy-needs-state", ref: "r" }],
  ]],
];
for (const [sentence, requests] of ERRORS) {
  check(`error ${sentence}; the connection stays`, async (gateway) => {
    const connection = await gateway.greeted();
    for (const [request, error] of requests(gateway.source)) {
      await refused(connection, request, { retryable: false, ...error });
    }
  });
}

check("error duplicate-ref, duplicate-subscription: the ref is in use, the connection follows the same already", async (gateway) => {
  const { connection, table } = await gateway.following();
  const { column } = gateway.comparable();
  const twice = { type: "subscribe", ref: "t", source: gateway.source, where: { [column]: { _is_null: true } } };
  await refused(connection, twice, { ref: "t", code: "duplicate-ref", retryable: false });
  const same = { type: "subscribe", ref: "u", source: gateway.source, where: {} };
  await refused(connection, same, { ref: "u", code: "duplicate-subscription", feed: table.feed, retryable: false });
  const free = connection.follow({ ...twice, ref: "u" }); // a refused subscription is over
  await free.ready();
});

check("error limit-exceeded: a buffer over limits.maxBuffer, which is refused together with its hello", async (gateway) => {
  const connection = await gateway.connect();
  const { maxBuffer } = gateway.welcome.limits;
  connection.send(gateway.hello({ buffer: { maxSize: maxBuffer + 1 } }));
  const error = await connection.next({ type: "error" });
  equal("the code", error.code, "limit-exceeded");
  equal("it is the only answer", connection.heard.map(({ type }) => type), ["error"]);
  connection.send(gateway.hello({ buffer: { maxSize: Math.min(maxBuffer, 1000), dropPolicy: "conflate" } }));
  await connection.next({ type: "welcome" });
  const follower = connection.follow({ ref: "t", source: gateway.source, buffer: { maxSize: 500 } });
  await follower.batchesMore(1);
});

check("error limit-exceeded: more than limits.maxSubscriptions", async (gateway) => {
  const { maxSubscriptions } = gateway.welcome.limits;
  if (maxSubscriptions > 120) throw new Skipped(`${maxSubscriptions} are allowed, which would take long`);
  const { column, values } = gateway.mostValues();
  if (values.length <= maxSubscriptions) throw new Skipped("the source has no column with so many values");
  const connection = await gateway.greeted();
  for (let i = 0; i <= maxSubscriptions; i++) { // each another definition
    const where = { [column]: { _eq: values[i] } };
    connection.send({ type: "subscribe", ref: `r${i}`, source: gateway.source, where });
  }
  const error = await connection.next({ type: "error", code: "limit-exceeded" });
  equal("which one", error.ref, `r${maxSubscriptions}`);
});

// The end

check("4400: not JSON, a field twice, not an object with a text type, a binary message, anything before hello", async (gateway) => {
  for (const garbage of ["garbage", '{"type":"ping","type":"ping"}', "[]", "{}", '{"type":7}', '{"type":"ping"} x',
    Buffer.from('{"type":"ping"}')]) {
    const connection = await gateway.greeted();
    connection.send(garbage);
    await closedWith(connection, 4400, false);
  }
  const early = await gateway.connect();
  early.send({ type: "ping" });
  await closedWith(early, 4400, false);
});

check("1009: a message was over limits.maxRequest; the close may come without bye", async (gateway) => {
  const { maxRequest } = gateway.welcome.limits;
  const padded = (bytes) => {
    const frame = '{"type":"ping","nonce":"large","pad":""}';
    return frame.replace('""', `"${"x".repeat(bytes - frame.length)}"`);
  };
  const connection = await gateway.greeted();
  connection.send(padded(maxRequest));
  await connection.next({ type: "pong", nonce: "large" });
  connection.send(padded(maxRequest + 1));
  equal("the close code", (await connection.end()).code, 1009);
});

check("A close of the client is answered", async (gateway) => {
  const connection = await gateway.greeted();
  connection.socket.close(4999, "of my own");
  const { code } = await connection.end();
  holds("a code comes back", code !== 1006, code);
});

check("Heartbeats: the gateway sends a WebSocket ping every heartbeatMs", async (gateway) => {
  const { heartbeatMs } = gateway.welcome;
  if (heartbeatMs > 20_000) throw new Skipped(`it is ${heartbeatMs} ms`);
  const { connection } = gateway.witness;
  await until("a ping comes", () => connection.closed || connection.pings > 0, heartbeatMs + 5_000);
  holds("the connection stays", !connection.closed, connection.closed);
  const age = performance.now() - connection.openedAt;
  holds("not more often than said", connection.pings <= age / heartbeatMs + 1, { pings: connection.pings, age });
});

check("The client that never left got every batch in order, without a gap and without a second snapshot", async (gateway) => {
  const { witness } = gateway;
  await witness.batchesMore(1);
  await sameRows(witness, await gateway.following());
  equal("gaps", witness.heard("gap"), []);
  const wholes = witness.heard("snapshot").filter(({ more }) => !more).length;
  equal("snapshots", wholes, 1);
});

check("Every message of the gateway has type first and the fields that the protocol lists", async () => {
  if (malformed.length > 0) throw new Failed("messages as documented", "none that is not", malformed.slice(0, 5));
});
