/** The choice of a source; it stands in the URL's hash too, so that a reload keeps it. */
export class SourcePicker {
  #select;
  #picked;
  #offered = [];

  /** @param pickedSource called with the name whenever another source is picked */
  constructor(select, pickedSource) {
    this.#select = select;
    this.picked = null;
    this.#picked = pickedSource;
    select.addEventListener("change", () => this.#pick(select.value));
    addEventListener("hashchange", () => {
      const wanted = fromHash();
      if (this.#offered.includes(wanted)) {
        this.#pick(wanted);
      }
    });
  }

  /** The names that there are now. The first time one is picked: the hash's, else the first. */
  offer(names) {
    if (JSON.stringify(names) !== JSON.stringify(this.#offered)) {
      this.#offered = names;
      this.#select.replaceChildren(...names.map((name) => new Option(name, name)));
    }
    if (this.picked === null && names.length > 0) {
      const wanted = fromHash();
      this.#pick(names.includes(wanted) ? wanted : names[0]);
    }
    this.#select.value = this.picked ?? "";
  }

  #pick(name) {
    this.#select.value = name;
    if (name === this.picked) {
      return;
    }
    this.picked = name;
    history.replaceState(null, "", `#${encodeURIComponent(name)}`);
    this.#picked(name);
  }
}

function fromHash() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // not written by this page
  }
}
