/**
 * The dialog that asks for a token, made when it is first needed: most gateways on somebody's own
 * machine ask nobody.
 */
export class SignIn {
  #template;
  #attempt;
  #dialog = null;
  #accepted = false;

  /**
   * @param template what the dialog is made of
   * @param attempt (token) → nothing, once it is accepted; throws an error that says why not
   */
  constructor(template, attempt) {
    this.#template = template;
    this.#attempt = attempt;
  }

  get asking() {
    return this.#dialog?.open ?? false;
  }

  /** Asks, unless it does already; with what was wrong with the token before, if there was one. */
  ask(problem = "") {
    if (this.asking) {
      return;
    }
    this.#dialog ??= this.#made();
    this.#accepted = false;
    this.#input.value = "";
    this.#say(problem);
    this.#dialog.showModal();
  }

  #made() {
    const dialog = this.#template.content.firstElementChild.cloneNode(true);
    this.#template.after(dialog);
    // Escape would leave a page on which nothing works.
    dialog.addEventListener("close", () => this.#accepted || dialog.showModal());
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    return dialog;
  }

  get #input() {
    return this.#dialog.querySelector("input");
  }

  #say(problem) {
    this.#dialog.querySelector("[role=alert]").textContent = problem;
  }

  async #submit() {
    this.#say("");
    try {
      await this.#attempt(this.#input.value.trim());
      this.#input.value = "";
      this.#accepted = true;
      this.#dialog.close();
    } catch (failure) {
      this.#say(failure.message);
      this.#input.select();
    }
  }
}
