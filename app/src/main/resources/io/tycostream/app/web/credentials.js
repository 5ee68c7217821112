const KEY = "tycostream.token";

/**
 * The token that this page shows to the gateway, or null. It is kept for this tab alone and until
 * it is closed, and never put into an address.
 */
export class Credentials {
  #storage;
  #token;

  /** @param storage as sessionStorage; one that refuses to work only forgets on reload */
  constructor(storage) {
    this.#storage = storage;
    this.#token = this.#try(() => storage.getItem(KEY)) ?? null;
  }

  get token() {
    return this.#token;
  }

  remember(token) {
    this.#token = token;
    this.#try(() => this.#storage.setItem(KEY, token));
  }

  forget() {
    this.#token = null;
    this.#try(() => this.#storage.removeItem(KEY));
  }

  #try(action) {
    try {
      return action();
    } catch {
      return null; // a browser that is told to keep nothing
    }
  }
}
