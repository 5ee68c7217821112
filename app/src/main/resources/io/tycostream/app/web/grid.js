import { Cell, element } from "./cell.js";
import { isNumeric } from "./values.js";

const ROW_PX = 24;
const SPARE_ROWS = 6; // above and below what is seen, so that scrolling shows no blank
const ARRIVAL_MS = 1_500; // a row that arrived longer ago is not marked any more
const WIDEST_CHARACTERS = 34;

/**
 * Shows an Order as a table of which only the rows in sight exist. One update of the page per
 * animation frame at most, whatever comes in; a row keeps its element while it is in sight, and the
 * elements stand in the order of the rows, as a screen reader reads them.
 */
export class Grid {
  #order;
  #viewport;
  #table;
  #head;
  #canvas;
  #body;
  #definition = null;
  #sorted = null;
  #widths = [];
  #fitted = ""; // the column template in force
  #shown = new Map(); // entry → its row element with what it shows
  #spare = [];
  #frame = null;
  #viewportPx = 0;

  /** @param viewport the scrolling element, in which the table is built */
  constructor(order, viewport) {
    this.#order = order;
    this.#viewport = viewport;
    viewport.style.setProperty("--row", `${ROW_PX}px`);
    this.#table = element("div", "table", { role: "table", "data-testid": "grid" });
    const headGroup = element("div", "head", { role: "rowgroup" });
    this.#head = element("div", "row", { role: "row", "aria-rowindex": "1" });
    this.#canvas = element("div", "canvas", { role: "presentation" });
    this.#body = element("div", "body", { role: "rowgroup" });
    headGroup.append(this.#head);
    this.#canvas.append(this.#body);
    this.#table.append(headGroup, this.#canvas);
    viewport.append(this.#table);
    viewport.addEventListener("scroll", () => this.refresh(), { passive: true });
    new ResizeObserver(([{ contentRect }]) => {
      this.#viewportPx = contentRect.height;
      this.refresh();
    }).observe(viewport);
  }

  /** Called for every change, however often: the page is updated once, in the next frame. */
  refresh() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#update();
    });
  }

  label(name) {
    this.#table.setAttribute("aria-label", name);
    this.#viewport.scrollTop = 0;
  }

  #update() {
    const order = this.#order;
    const scrolledPx = this.#viewport.scrollTop;
    const anchorIndex = Math.floor(scrolledPx / ROW_PX);
    const anchor = scrolledPx > 0 ? order.at(anchorIndex) : undefined;
    const anchorKey = anchor?.key;
    if (this.#definition !== order.definition) {
      this.#rebuild();
    }
    const sortedBefore = this.#sorted;
    this.#showSorting();
    const moved = order.settle();
    if (moved) {
      this.#canvas.style.height = `${order.size * ROW_PX}px`;
      this.#table.setAttribute("aria-rowcount", String(order.size + 1));
    }
    // What is being read stays where it is while rows come and go above it.
    let topPx = scrolledPx;
    const stayed = anchor !== undefined && anchor.key === anchorKey;
    if (moved && stayed && sortedBefore === order.sorted) {
      const index = order.indexOf(anchor);
      if (index !== -1 && index !== anchorIndex) {
        topPx += (index - anchorIndex) * ROW_PX;
        this.#viewport.scrollTop = topPx;
      }
    }
    this.#showRows(topPx);
  }

  #showRows(topPx) {
    const order = this.#order;
    const inSight = Math.ceil(this.#viewportPx / ROW_PX);
    const top = Math.min(Math.floor(topPx / ROW_PX), order.size - inSight);
    const first = Math.max(0, top - SPARE_ROWS);
    const end = Math.min(order.size, first + inSight + 2 * SPARE_ROWS);
    const wanted = new Set();
    for (let index = first; index < end; index++) {
      wanted.add(order.at(index));
    }
    for (const [entry, shown] of this.#shown) {
      if (!wanted.has(entry)) {
        shown.element.remove();
        this.#shown.delete(entry);
        this.#spare.push(shown);
      }
    }
    const now = performance.now();
    let index = first;
    let present = this.#body.firstElementChild;
    for (const entry of wanted) {
      let shown = this.#shown.get(entry);
      if (shown === undefined) {
        shown = this.#spare.pop() ?? this.#createRow();
        this.#shown.set(entry, shown);
        this.#bind(shown, entry);
      } else if (shown.version !== entry.version) {
        this.#showChanges(shown, entry, now);
      }
      if (shown.index !== index) {
        shown.index = index;
        shown.element.setAttribute("aria-rowindex", String(index + 2));
      }
      if (shown.element === present) {
        present = present.nextElementSibling;
      } else {
        mark(shown, entry, now);
        this.#body.insertBefore(shown.element, present);
      }
      index++;
    }
    this.#body.style.transform = `translateY(${first * ROW_PX}px)`;
    this.#fitColumns();
  }

  /** Another entry in an element: its texts are put in without a flash. */
  #bind(shown, entry) {
    const { key } = this.#definition;
    shown.version = entry.version;
    shown.element.dataset.key = key.length === 1 ? String(entry.row[key[0]]) : entry.id;
    for (const cell of shown.cells) {
      cell.show(entry.row[cell.column.name]);
      cell.calm();
    }
  }

  #showChanges(shown, entry, now) {
    shown.version = entry.version;
    for (const cell of shown.cells) {
      if (cell.show(entry.row[cell.column.name])) {
        cell.flash(now);
      }
    }
  }

  #createRow() {
    const row = element("div", "row", { role: "row" });
    const cells = this.#definition.columns.map((column, index) => {
      const cell = new Cell(column, (length) => {
        this.#widths[index] = Math.max(this.#widths[index], Math.min(length, WIDEST_CHARACTERS));
      });
      row.append(cell.element);
      return cell;
    });
    return { element: row, cells, version: -1, index: -1 };
  }

  #rebuild() {
    this.#definition = this.#order.definition;
    this.#sorted = null;
    this.#shown.clear();
    this.#spare = [];
    this.#body.replaceChildren();
    this.#widths = this.#definition.columns.map(({ name }) => name.length + 3);
    this.#fitted = "";
    this.#table.setAttribute("aria-colcount", String(this.#definition.columns.length));
    this.#head.replaceChildren(...this.#definition.columns.map((column) => this.#header(column)));
  }

  #header({ name, type }) {
    const className = isNumeric(type) ? "cell number" : "cell";
    const cell = element("div", className, { role: "columnheader" });
    const button = element("button", "sort", { type: "button", title: `${name} ${type}` });
    button.append(name);
    button.addEventListener("click", () => {
      const { column, descending } = this.#order.sorted;
      this.#order.sortBy(name, column === name && !descending);
    });
    cell.append(button);
    return cell;
  }

  #showSorting() {
    if (this.#sorted === this.#order.sorted) {
      return;
    }
    this.#sorted = this.#order.sorted;
    const { column, descending } = this.#sorted;
    this.#definition.columns.forEach(({ name }, index) => {
      const direction = descending ? "descending" : "ascending";
      this.#head.children[index].setAttribute("aria-sort", name === column ? direction : "none");
    });
  }

  /** Columns grow with what they show and never shrink, so that nothing jumps while reading. */
  #fitColumns() {
    const template = this.#widths.map((width) => `minmax(${width + 2}ch, ${width}fr)`).join(" ");
    if (template !== this.#fitted) {
      this.#fitted = template;
      const total = this.#widths.reduce((sum, width) => sum + width + 2, 0);
      this.#table.style.setProperty("--columns", template);
      this.#table.style.setProperty("--least-width", `${total}ch`);
    }
  }
}

/** Moving an element starts its animations again: only those that are still due may stay. */
function mark({ element: row, cells }, { arrivedMs }, now) {
  row.classList.toggle("arrived", arrivedMs !== null && now - arrivedMs < ARRIVAL_MS);
  for (const cell of cells) {
    cell.calmIfOver(now);
  }
}
