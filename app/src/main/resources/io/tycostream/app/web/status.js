import { count, counted, duration, shortPosition, since, timeOfDay, words } from "./format.js";

/** Writes what is known of both connections into the page; only what differs touches it. */
export class Status {
  #fields = new Map();
  #databaseLink;
  #pageLink;
  #position;
  #lastCut = "none";

  constructor(root) {
    for (const field of root.querySelectorAll("[data-show]")) {
      this.#fields.set(field.dataset.show, field);
    }
    const find = (name) => root.querySelector(`[data-testid=${name}]`);
    this.#databaseLink = find("database-state");
    this.#pageLink = find("connection-state");
    this.#position = find("position");
    this.#position.addEventListener("click", () => this.#copyPosition());
  }

  showDatabase(database, now) {
    const { state, polled } = database;
    const retryInMs = database.retryInMs(now);
    const healthy = state === "live";
    link(this.#databaseLink, state, words(state));
    this.#show("database.state", words(state));
    this.#show("database.since", database.since ? since(database.since, now) : "–");
    const attempt = database.attempt > 0 && !healthy ? `${database.attempt}` : "–";
    const retry = retryInMs === null || healthy ? "" : `, again in ${duration(retryInMs)}`;
    this.#show("database.attempt", `${attempt}${retry}`);
    this.#show("database.lag", duration(polled?.lagMs));
    this.#show("database.rows", count(polled?.rows));
    this.#show("database.history", polled?.historyEvents === undefined
      ? "–" : `${count(polled.historyEvents)} · ${duration(polled.historyMs)}`);
    this.#show("database.changes", count(polled?.changes));
    this.#show("database.heard", Number.isFinite(polled?.lastProgressMs)
      ? `${duration(polled.lastProgressMs)} ago` : "–");
    this.#show("database.reconnects", count(polled?.reconnects));
    this.#show("database.endpoint", polled?.endpoint ?? "–");
    this.#show("database.error", lastError(database));
  }

  showPage(client, now) {
    const { connection, counters, subscription } = client;
    link(this.#pageLink, connection.name, shortState(connection, now));
    this.#show("page.state", longState(connection, now));
    this.#lastCut = connection.why ?? this.#lastCut;
    this.#show("page.cut", this.#lastCut);
    this.#show("page.phase", subscription === null ? "–" : words(subscription.phase));
    this.#show("page.heard",
      client.lastHeardMs === null ? "–" : `${duration(now - client.lastHeardMs)} ago`);
    for (const name of ["changes", "batches", "snapshots", "gaps", "reconnects", "resumes"]) {
      this.#show(`page.${name}`, count(counters[name]));
    }
    this.#show("page.replayed", counted(counters.replayed, "change"));
    this.#showPosition(subscription?.replica.position ?? null);
  }

  #showPosition(position) {
    if (this.#position.dataset.position !== (position ?? "")) {
      this.#position.dataset.position = position ?? "";
      this.#position.title = position === null ? "" : `${position}\n(click to copy)`;
      this.#position.textContent = position === null ? "–" : shortPosition(position);
    }
  }

  async #copyPosition() {
    if (navigator.clipboard === undefined) {
      return; // plain HTTP from another machine; the title shows the whole position
    }
    await navigator.clipboard.writeText(this.#position.dataset.position);
    this.#position.classList.add("copied");
    setTimeout(() => this.#position.classList.remove("copied"), 1_000);
  }

  #show(name, text) {
    const field = this.#fields.get(name);
    if (field.textContent !== text) {
      field.textContent = text;
      field.title = text;
    }
  }
}

/** The newest that was told of, with its time where the gateway says when it was. */
function lastError({ lastReason, polled }) {
  const error = lastReason ?? polled?.lastError;
  if (error === undefined || error === null) {
    return "none";
  }
  return error === polled?.lastError && polled.lastErrorAt
    ? `${timeOfDay(new Date(polled.lastErrorAt))} ${error}`
    : error;
}

function link(element, state, text) {
  if (element.dataset.state !== state) {
    element.dataset.state = state;
  }
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function shortState(connection, now) {
  if (connection.name !== "waiting") {
    return connection.name;
  }
  return `waiting ${duration(Math.max(0, connection.until - now))}`;
}

function longState(connection, now) {
  switch (connection.name) {
    case "closed":
      return connection.code === null ? "closed" : `closed (${connection.code})`;
    case "connecting":
      return `connecting${connection.attempt === 0 ? "" : `, attempt ${connection.attempt + 1}`}`;
    case "open":
      return connection.node === undefined ? "open" : `open, node ${connection.node}`;
    default:
      return shortState(connection, now);
  }
}
