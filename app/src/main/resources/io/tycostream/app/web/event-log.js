import { timeOfDay } from "./format.js";

const MOST_ENTRIES = 200;

/** What happened, newest first, in a live region that a screen reader reads out politely. */
export class EventLog {
  #list;

  constructor(list) {
    this.#list = list;
  }

  /** @param kind `good`, `bad`, `warn` or `plain` */
  add(kind, text) {
    const now = new Date();
    const time = document.createElement("time");
    time.dateTime = now.toISOString();
    time.textContent = timeOfDay(now);
    const entry = document.createElement("li");
    entry.className = kind;
    const told = document.createElement("span");
    told.textContent = text;
    entry.append(time, " ", told);
    this.#list.prepend(entry);
    if (this.#list.childElementCount > MOST_ENTRIES) {
      this.#list.lastElementChild.remove();
    }
  }
}
