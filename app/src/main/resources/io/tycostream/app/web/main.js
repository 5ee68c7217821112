import { Client } from "./client.js";
import { ClientsTable, SHOWN } from "./clients-table.js";
import { Database } from "./database.js";
import { DemoControls } from "./demo-controls.js";
import { EventLog } from "./event-log.js";
import { count } from "./format.js";
import * as gateway from "./gateway-api.js";
import { Grid } from "./grid.js";
import { narrator } from "./narrator.js";
import { Order } from "./order.js";
import { Pulse } from "./pulse.js";
import { SourcePicker } from "./source-picker.js";
import { Status } from "./status.js";
import { Timeline } from "./timeline.js";

const POLL_MS = 1_500;
const STATUS_MS = 200;

const byId = (id) => document.getElementById(id);
const byTest = (name) => document.querySelector(`[data-testid=${name}]`);

const log = new EventLog(byId("events"));
const order = new Order({ now: () => performance.now(), changed: () => grid.refresh() });
const grid = new Grid(order, byId("rows"));
const status = new Status(document);
const pulse = new Pulse(byId("pulse"));
const timeline = new Timeline(byTest("timeline"), byTest("timeline-sums"));
const clientsTable = new ClientsTable(byId("clients"));
const tell = narrator(log);
const database = new Database(tell.database);

const client = new Client({
  openSocket: (subprotocol) => {
    const url = new URL("/v1/stream", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    return new WebSocket(url, subprotocol);
  },
  clock: {
    now: () => performance.now(),
    after: (ms, action) => {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    },
  },
  view: order,
  observer: {
    ...tell.client,
    source: (message) => database.pushed(message, Date.now()),
  },
});

const demo = new DemoControls(byId("demo"), client, log);
const picker = new SourcePicker(byTest("source-picker"), (source) => {
  byId("source-name").textContent = source;
  document.title = `${source} · tycostream`;
  grid.label(source);
  database.forget();
  timeline.show([], Date.now());
  order.define({ key: [], columns: [] }); // until its own are known
  client.watch(source);
});

addEventListener("online", () => client.connectNow());

async function poll() {
  if (!document.hidden) {
    await Promise.all([pollSources(), pollClients(), demo.shown ? pollDemo() : undefined]);
  }
  setTimeout(poll, POLL_MS);
}

async function pollSources() {
  try {
    const sources = await gateway.sources();
    picker.offer(sources.map(({ name }) => name));
    const watched = sources.find(({ name }) => name === picker.picked);
    if (watched !== undefined) {
      database.poll(watched, Date.now());
      timeline.show(watched.states, Date.now());
    }
  } catch {
    database.unreachable(); // said on the page; the next poll is soon
  }
}

async function pollClients() {
  try {
    clientsTable.show(await gateway.clients(SHOWN, clientsTable.search), client.connection.session);
  } catch {
    clientsTable.hide(); // not there, or only for administrators
  }
}

async function pollDemo() {
  try {
    await demo.poll();
  } catch {
    // Not the demo, or away for the moment: buttons that were shown stay.
  }
}

function showStatus() {
  status.showDatabase(database, Date.now());
  status.showPage(client, performance.now());
  byTest("row-count").textContent = count(order.size);
  byTest("row-count").dataset.value = String(order.size);
  const note = staleness();
  byId("rows").classList.toggle("stale", note !== "");
  byId("rows-note").hidden = note === "";
  byId("rows-note").textContent = note;
}

/** Why the rows may not be the newest, or are not there yet; or nothing. */
function staleness() {
  if (client.connection.name !== "open") {
    return `not connected: ${order.size === 0 ? "no rows yet" : "the rows as last seen"}`;
  }
  if (["reconnecting", "stalled", "failed", "connecting"].includes(database.state)) {
    return `database away: ${order.size === 0 ? "no rows yet" : "the rows as it last told"}`;
  }
  if (database.state === "catching-up") {
    return "database back: catching up, the rows are not the newest yet";
  }
  return "";
}

let second = { ...client.counters };
function closeSecond() {
  const { changes, replayed } = client.counters;
  const replayedNow = replayed - second.replayed;
  const live = changes - second.changes - replayedNow;
  second = { ...client.counters };
  const page = client.connection.name;
  pulse.add({ live, replayed: replayedNow, database: database.state, page });
  byId("rate").textContent = `${count(live + replayedNow)} changes/s`;
}

pollDemo();
poll();
setInterval(showStatus, STATUS_MS);
setInterval(closeSecond, 1_000);

/** For tests, read-only: what the page holds at this moment. */
Object.defineProperty(window, "tycostream", {
  value: Object.freeze({
    state: () => ({
      source: picker.picked,
      connection: { ...client.connection },
      database: database.state,
      phase: client.subscription?.phase ?? null,
      position: client.subscription?.replica.position ?? null,
      rows: client.subscription?.replica.toArray().map((row) => ({ ...row })) ?? [],
      counters: { ...client.counters },
    }),
  }),
});
