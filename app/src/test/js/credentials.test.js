import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Credentials } from "../../main/resources/io/tycostream/app/web/credentials.js";

/** As a browser's storage. */
class Storage {
  items = new Map();

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    this.items.set(key, value);
  }

  removeItem(key) {
    this.items.delete(key);
  }
}

const refusing = new Proxy({}, {
  get: () => () => {
    throw new Error("this browser keeps nothing");
  },
});

describe("credentials", () => {
  test("are kept over a reload, and forgotten when asked to", () => {
    const storage = new Storage();
    assert.equal(new Credentials(storage).token, null);
    new Credentials(storage).remember("t");
    const later = new Credentials(storage);
    assert.equal(later.token, "t");
    later.forget();
    assert.equal(later.token, null);
    assert.equal(new Credentials(storage).token, null);
  });

  test("work in memory where nothing can be kept", () => {
    const credentials = new Credentials(refusing);
    assert.equal(credentials.token, null);
    credentials.remember("t");
    assert.equal(credentials.token, "t");
    credentials.forget();
    assert.equal(credentials.token, null);
  });
});
