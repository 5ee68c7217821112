import { count, duration, since } from "./format.js";

/**
 * The columns that there can be: what a client's entry of /v1/clients tells (`text`, or nothing
 * where it does not) and, where a text is not enough, how it is shown.
 */
const columns = [
  { title: "Client", text: name, className: "name" },
  { title: "Address", text: ({ peer }) => peer },
  { title: "State", text: ({ state }) => state },
  { title: "Since", text: when },
  { title: "Subscriptions", text: subscriptions },
  { title: "Buffered", text: buffered, show: meter },
  { title: "Lag", text: ({ lagMs }) => told(lagMs, duration), className: "number" },
  { title: "Sent", text: ({ sent }) => told(sent, count), className: "number" },
  { title: "Dropped", text: ({ dropped }) => told(dropped, count), className: "number" },
  { title: "Ack lag", text: ({ ackLagMs }) => told(ackLagMs, duration), className: "number" },
  { title: "RTT", text: ({ rttMs }) => told(rttMs, duration), className: "number" },
];

/** So many are shown; where there are more, those for which most waits. */
export const SHOWN = 100;

/** The clients with their buffers; hidden while the gateway does not tell of them. */
export class ClientsTable {
  #panel;
  #count;
  #search;
  #head;
  #rows;

  constructor(panel) {
    this.#panel = panel;
    this.#count = panel.querySelector("#clients-count");
    this.#search = panel.querySelector("#clients-search");
    this.#head = panel.querySelector("#clients-columns");
    this.#rows = panel.querySelector("#clients-rows");
  }

  hide() {
    this.#panel.hidden = true;
  }

  /** What is asked for. */
  get search() {
    return this.#search.value.trim();
  }

  /** Columns that no client tells anything for are left out. */
  show({ total, clients }, ownSession) {
    this.#panel.hidden = false;
    this.#count.textContent = clients.length < total
      ? `(${count(total)}, ${count(clients.length)} shown)`
      : `(${count(total)})`;
    if (!this.#panel.open) {
      return;
    }
    const entries = clients.map((client) => ({ ...client, own: client.session === ownSession }));
    const filled = columns.filter(({ text }) => entries.some((entry) => text(entry) !== undefined));
    this.#head.replaceChildren(...filled.map(heading));
    this.#rows.replaceChildren(...entries.map((entry) => row(entry, filled)));
  }
}

function when({ since: from, forgottenInMs }) {
  if (Number.isFinite(forgottenInMs)) {
    return `kept for ${duration(Math.max(0, forgottenInMs))}`;
  }
  return from && since(from, Date.now());
}

function name({ own, client, session }) {
  return own ? "this page" : client || session;
}

function subscriptions(client) {
  return (client.subscriptions ?? []).map(({ source }) => source).join(", ") || "–";
}

function buffered(client) {
  return told(client.buffered, (changes) => client.capacity > 0
    ? `${count(changes)} / ${count(client.capacity)}`
    : count(changes));
}

function told(number, format) {
  return Number.isFinite(number) ? format(number) : undefined;
}

function heading({ title, className = "" }) {
  const created = document.createElement("th");
  created.scope = "col";
  created.className = className;
  created.textContent = title;
  return created;
}

function row(entry, filled) {
  const created = document.createElement("tr");
  created.className = entry.own ? "own" : "";
  for (const { text, show, className = "" } of filled) {
    const cell = document.createElement("td");
    cell.className = className;
    cell.textContent = text(entry) ?? "–";
    cell.title = cell.textContent;
    show?.(cell, entry);
    created.append(cell);
  }
  return created;
}

/** How full the buffer is, before the figures, where its capacity is known. */
function meter(cell, { buffered: value, capacity }) {
  if (Number.isFinite(value) && capacity > 0) {
    const bar = document.createElement("meter");
    Object.assign(bar, { min: 0, max: capacity, high: 0.8 * capacity, value });
    bar.setAttribute("aria-label", "Buffer fill");
    cell.prepend(bar, " ");
  }
}
