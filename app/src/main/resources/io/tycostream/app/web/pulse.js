const SECONDS = 90;
const BAR = 3;
const BARS_HEIGHT = 46;
const LANE_HEIGHT = 4;
const SVG = "http://www.w3.org/2000/svg";

/**
 * The last ninety seconds at a glance: a bar of changes for each second, those that were replayed
 * after a return marked, and below it a lane each for the database's and the page's connection.
 */
export class Pulse {
  #bars;
  #seconds = [];

  constructor(svg) {
    this.#bars = Array.from({ length: SECONDS }, (_, index) => {
      const at = (y, height) => {
        const bar = document.createElementNS(SVG, "rect");
        bar.setAttribute("x", String(index * BAR));
        bar.setAttribute("width", String(BAR - 0.6));
        bar.setAttribute("y", String(y));
        bar.setAttribute("height", String(height));
        svg.append(bar);
        return bar;
      };
      return {
        live: at(0, 0),
        replayed: at(0, 0),
        database: at(BARS_HEIGHT + 2, LANE_HEIGHT),
        page: at(BARS_HEIGHT + 2 + LANE_HEIGHT + 1.5, LANE_HEIGHT),
      };
    });
    for (const { live, replayed, database, page } of this.#bars) {
      live.setAttribute("class", "live");
      replayed.setAttribute("class", "replayed");
      database.setAttribute("class", "lane unknown");
      page.setAttribute("class", "lane unknown");
    }
  }

  /** @param second `{live, replayed, database, page}`: two counts and two state names */
  add(second) {
    this.#seconds.push(second);
    if (this.#seconds.length > SECONDS) {
      this.#seconds.shift();
    }
    this.#draw();
  }

  #draw() {
    const most = Math.max(1, ...this.#seconds.map(({ live, replayed }) => live + replayed));
    // Square root, so that a burst of replayed changes does not flatten the rest.
    const height = (changes) => Math.sqrt(changes / most) * BARS_HEIGHT;
    const missing = SECONDS - this.#seconds.length;
    this.#seconds.forEach(({ live, replayed, database, page }, index) => {
      const bars = this.#bars[missing + index];
      const whole = height(live + replayed);
      const upper = replayed === 0 ? 0 : whole * (replayed / (live + replayed));
      place(bars.replayed, BARS_HEIGHT - whole, upper);
      place(bars.live, BARS_HEIGHT - whole + upper, whole - upper);
      bars.database.setAttribute("class", `lane ${database}`);
      bars.page.setAttribute("class", `lane ${page}`);
    });
  }
}

function place(bar, y, height) {
  bar.setAttribute("y", y.toFixed(2));
  bar.setAttribute("height", height.toFixed(2));
}
