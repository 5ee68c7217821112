import { count, duration } from "./format.js";

/** The connected clients with their buffers; hidden while the gateway does not tell of them. */
export class ClientsTable {
  #panel;
  #count;
  #rows;

  constructor(panel) {
    this.#panel = panel;
    this.#count = panel.querySelector("#clients-count");
    this.#rows = panel.querySelector("#clients-rows");
  }

  hide() {
    this.#panel.hidden = true;
  }

  show(clients, ownSession) {
    this.#panel.hidden = false;
    this.#count.textContent = `(${count(clients.length)})`;
    if (this.#panel.open) {
      this.#rows.replaceChildren(...clients.map((client) => row(client, ownSession)));
    }
  }
}

function row(client, ownSession) {
  const own = client.session === ownSession;
  const created = document.createElement("tr");
  created.className = own ? "own" : "";
  const name = client.client || client.session;
  created.append(
    cell(own ? `${name} (this page)` : name, "name"),
    cell(client.state),
    cell((client.subscriptions ?? []).map(({ source }) => source).join(", ") || "–"),
    buffer(client),
    cell(count(client.sent), "number"),
    cell(count(client.dropped), "number"),
    cell(duration(client.ackLagMs), "number"),
    cell(duration(client.rttMs), "number"),
  );
  return created;
}

function cell(text, className = "") {
  const created = document.createElement("td");
  created.className = className;
  created.textContent = text;
  return created;
}

function buffer({ buffered, capacity }) {
  const created = cell("", "buffer");
  if (Number.isFinite(buffered) && capacity > 0) {
    const meter = document.createElement("meter");
    Object.assign(meter, { min: 0, max: capacity, high: 0.8 * capacity, value: buffered });
    meter.setAttribute("aria-label", "Buffer fill");
    created.append(meter, ` ${count(buffered)} / ${count(capacity)}`);
  } else {
    created.textContent = "–";
  }
  return created;
}
