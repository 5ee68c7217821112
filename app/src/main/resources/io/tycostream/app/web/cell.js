import { isNumeric, textOf } from "./values.js";

const FLASH_MS = 900; // as long as the animation in style.css
const FLASH_GAP_MS = 300; // a cell that changes faster than this does not flash faster

export function element(name, className, attributes) {
  const created = document.createElement(name);
  created.className = className;
  for (const [attribute, value] of Object.entries(attributes)) {
    created.setAttribute(attribute, value);
  }
  return created;
}

/** One cell of the grid; touches the page only when its text is another one. */
export class Cell {
  #text = null;
  #flashedMs = -Infinity;
  #measured;

  /** @param measured told the length of every text, for the width of the column */
  constructor(column, measured) {
    this.column = column;
    this.element =
      element("div", isNumeric(column.type) ? "cell number" : "cell", { role: "cell" });
    this.element.append("");
    this.#measured = measured;
  }

  /** Returns whether the text is another one than before. */
  show(value) {
    const text = textOf(value, this.column.type);
    if (text === this.#text) {
      return false;
    }
    this.#text = text;
    this.element.firstChild.data = text;
    this.element.classList.toggle("null", value === null);
    this.#measured(text.length);
    return true;
  }

  flash(now) {
    if (now - this.#flashedMs > FLASH_GAP_MS) {
      this.#flashedMs = now;
      // Two names for one animation: changing the name is what starts it again.
      const again = this.element.classList.contains("flash-a");
      this.element.classList.toggle("flash-a", !again);
      this.element.classList.toggle("flash-b", again);
    }
  }

  calm() {
    this.#flashedMs = -Infinity;
    this.element.classList.remove("flash-a", "flash-b");
  }

  calmIfOver(now) {
    if (now - this.#flashedMs > FLASH_MS) {
      this.calm();
    }
  }
}
