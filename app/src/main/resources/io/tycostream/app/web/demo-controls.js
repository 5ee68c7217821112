import * as gateway from "./gateway-api.js";

const SLEEP_MS = 10_000;

const done = {
  "cut-replication": "replication connection terminated",
  "stop-database": "database stopped",
  "start-database": "database started",
};

const needs = {
  "cut-replication": "running",
  "stop-database": "running",
  "start-database": "stopped",
};

/** The buttons that really cut things; shown only where the gateway says that it is the demo. */
export class DemoControls {
  #section;
  #log;

  constructor(section, client, log) {
    this.#section = section;
    this.#log = log;
    const button = (name) => section.querySelector(`[data-testid=${name}]`);
    button("drop-socket").addEventListener("click", () => client.drop());
    button("sleep").addEventListener("click", () => client.sleep(SLEEP_MS));
    for (const cutting of section.querySelectorAll("[data-post]")) {
      cutting.addEventListener("click", () => this.#cut(cutting.dataset.post));
    }
  }

  get shown() {
    return !this.#section.hidden;
  }

  async poll() {
    const { database } = await gateway.demo();
    this.#section.hidden = false;
    this.#section.dataset.database = database;
    for (const button of this.#section.querySelectorAll("[data-post]")) {
      // Not `disabled`, which would take the focus away from the button just pressed.
      button.setAttribute("aria-disabled", String(needs[button.dataset.post] !== database));
    }
  }

  async #cut(action) {
    const { database } = this.#section.dataset;
    if (database !== needs[action]) {
      this.#log.add("plain", `${action.replace("-", " ")}: the database is ${database}`);
      return;
    }
    this.#log.add("plain", `you asked: ${action.replace("-", " ")}`);
    try {
      await gateway.cut(action);
      this.#log.add("warn", done[action]);
      await this.poll();
    } catch (failure) {
      this.#log.add("bad", `${action.replace("-", " ")} failed: ${failure.message}`);
    }
  }
}
