import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Order } from "../../main/resources/io/tycostream/app/web/order.js";
import { compareKeys, sortKey } from "../../main/resources/io/tycostream/app/web/values.js";

const definition = {
  key: ["id"],
  columns: [
    { name: "id", type: "int8" },
    { name: "price", type: "numeric" },
    { name: "side", type: "text" },
  ],
};

let order;
const put = (id, price, side = "buy") => order.put(String(id), { id: String(id), price, side });
const shown = () => Array.from({ length: order.size }, (_, index) => order.at(index).id).join(" ");

beforeEach(() => {
  order = new Order({ now: () => 0, changed: () => {} });
  order.define(definition);
});

describe("the order", () => {
  test("starts with the newest running number on top", () => {
    assert.deepEqual(order.sorted, { column: "id", descending: true });
    [1, 3, 2, 10].forEach((id) => put(id, "1"));
    order.settle();
    assert.equal(shown(), "10 3 2 1");
  });

  test("follows changes of the column that it is sorted by, and only those", () => {
    order.sortBy("price", false);
    put(1, "10.5");
    put(2, "9.25");
    put(3, null);
    order.settle();
    assert.equal(shown(), "2 1 3");
    put(1, "10.50", "sell");
    assert.equal(order.settle(), false);
    put(1, "9.1");
    assert.equal(order.settle(), true);
    assert.equal(shown(), "1 2 3");
    order.sortBy("price", true);
    order.settle();
    assert.equal(shown(), "2 1 3", "null stays last");
  });

  test("forgets rows that came and left between two frames", () => {
    put(1, "1");
    order.settle();
    put(2, "2");
    order.remove("2");
    assert.equal(order.settle(), false);
    order.remove("1");
    put(1, "3");
    order.settle();
    assert.equal(shown(), "1");
    assert.equal(order.at(0).row.price, "3");
  });

  test("is settled anew after a reset, also to no rows at all", () => {
    put(1, "1");
    order.settle();
    order.reset([]);
    assert.equal(order.settle(), true);
    assert.equal(order.size, 0);
    assert.equal(order.settle(), false);
  });

  test("equals a sort of all rows after any changes, and finds each of them", () => {
    let seed = 7;
    const random = (below) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const model = new Map();
    for (let frame = 0; frame < 300; frame++) {
      if (random(20) === 0) {
        order.sortBy(["id", "price", "side"][random(3)], random(2) === 0);
      }
      for (let change = 0; change < random(12); change++) {
        const id = String(random(60));
        if (model.has(id) && random(3) === 0) {
          model.delete(id);
          order.remove(id);
        } else {
          const price = random(9) === 0 ? null : `${random(5)}.${random(9)}`;
          const row = { id, price, side: "bs"[random(2)] };
          model.set(id, row);
          order.put(id, row);
        }
      }
      order.settle();
      assert.equal(order.size, model.size);
      const { column, descending } = order.sorted;
      const { type } = definition.columns.find(({ name }) => name === column);
      for (let index = 0; index < order.size; index++) {
        const entry = order.at(index);
        assert.equal(model.get(entry.id), entry.row);
        assert.equal(order.indexOf(entry), index);
        if (index > 0) {
          const [a, b] = [order.at(index - 1), entry].map(({ row }) => sortKey(row[column], type));
          assert.ok(b === null || (a !== null && compareKeys(a, b) * (descending ? -1 : 1) <= 0));
        }
      }
    }
  });
});

describe("values", () => {
  const sorted = (type, ...values) =>
    [...values].sort((a, b) => compareKeys(sortKey(a, type), sortKey(b, type)));

  test("of int8 and numeric are compared by every digit", () => {
    const ascending = ["-Infinity", "-9007199254740993", "-9007199254740992", "2", "10",
      "9007199254740992", "9007199254740993", "Infinity", "NaN"];
    assert.deepEqual(sorted("numeric", ...[...ascending].reverse()), ascending);
    assert.deepEqual(sorted("numeric", "0.10000000000000000002", "0.1", "0.10000000000000000001"),
      ["0.1", "0.10000000000000000001", "0.10000000000000000002"]);
  });

  test("of times are compared whatever their number of digits", () => {
    const ascending = ["-infinity", "2026-11-21T20:45:16Z", "2026-11-21T20:45:16.1Z",
      "2026-11-21T20:45:16.12Z", "infinity"];
    assert.deepEqual(sorted("timestamptz", ...[...ascending].reverse()), ascending);
  });
});
