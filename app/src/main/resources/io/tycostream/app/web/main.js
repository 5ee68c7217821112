import { Client } from "./client.js";
import { ClientsTable, SHOWN } from "./clients-table.js";
import { Credentials } from "./credentials.js";
import { Database } from "./database.js";
import { DemoControls } from "./demo-controls.js";
import { EventLog } from "./event-log.js";
import { count } from "./format.js";
import * as gateway from "./gateway-api.js";
import { Grid } from "./grid.js";
import { narrator } from "./narrator.js";
import { Order } from "./order.js";
import { Pulse } from "./pulse.js";
import { SignIn } from "./sign-in.js";
import { SourcePicker } from "./source-picker.js";
import { Status } from "./status.js";
import { Timeline } from "./timeline.js";

const POLL_MS = 1_500;
const STATUS_MS = 200;
const WANTS_CREDENTIALS = new Set([4401, 4403]); // close codes

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

const credentials = new Credentials(sessionStorage);
gateway.authorize(credentials.token);

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
  token: () => credentials.token,
  view: order,
  observer: {
    ...tell.client,
    connectionChanged: (change) => {
      tell.client.connectionChanged(change);
      if (WANTS_CREDENTIALS.has(change.state.code) && change.state.name === "closed") {
        signIn.ask(change.state.why);
      }
    },
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

/** What this gateway does not have, or does not tell to this token. */
const withheld = new Set();

const signIn = new SignIn(byId("sign-in"), async (token) => {
  gateway.authorize(token);
  try {
    await gateway.sources();
  } catch (failure) {
    gateway.authorize(credentials.token);
    throw failure;
  }
  credentials.remember(token);
  withheld.clear();
  offerSignOut();
  client.connectAnew();
});

function offerSignOut() {
  if (credentials.token !== null && byId("sign-out") === null) {
    const button = Object.assign(document.createElement("button"), {
      id: "sign-out", type: "button", textContent: "Sign out",
    });
    button.addEventListener("click", () => {
      credentials.forget();
      location.reload(); // nothing of what was seen stays
    });
    document.querySelector("header").append(button);
  }
}

async function poll() {
  if (!document.hidden && !signIn.asking && await pollSources()) {
    await Promise.all([pollClients(), pollDemo()]);
  }
  setTimeout(poll, POLL_MS);
}

/** Whether there was an answer. */
async function pollSources() {
  try {
    const sources = await gateway.sources();
    picker.offer(sources.map(({ name }) => name));
    const watched = sources.find(({ name }) => name === picker.picked);
    if (watched !== undefined) {
      database.poll(watched, Date.now());
      timeline.show(watched.states, Date.now());
    }
    return true;
  } catch (failure) {
    if (failure.status === 401 || failure.status === 403) {
      signIn.ask(credentials.token === null ? "" : failure.message);
    } else {
      database.unreachable(); // said on the page; the next poll is soon
    }
    return false;
  }
}

async function pollClients() {
  await unlessWithheld("clients", async () => {
    clientsTable.show(await gateway.clients(SHOWN, clientsTable.search), client.connection.session);
  }, () => clientsTable.hide());
}

/** Where this is not the demo, or it is away for the moment, buttons that were shown stay. */
async function pollDemo() {
  await unlessWithheld("demo", () => demo.poll(), () => {});
}

/** What is not there, or is for administrators, is not asked for again and again. */
async function unlessWithheld(what, ask, otherwise) {
  if (withheld.has(what)) {
    return;
  }
  try {
    await ask();
  } catch (failure) {
    if (failure.status === 403 || failure.status === 404) {
      withheld.add(what);
    }
    otherwise();
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

offerSignOut();
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
