import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { BrokenStream } from "../../main/resources/io/tycostream/app/web/protocol.js";
import { Replica } from "../../main/resources/io/tycostream/app/web/replica.js";
import { RecordingView, batch, columns, insert, remove, row, snapshot, subscribed, update }
  from "./fixtures.js";

const intact = (failure) => failure instanceof BrokenStream && failure.rowsIntact;
const notIntact = (failure) => failure instanceof BrokenStream && !failure.rowsIntact;

let view;
let replica;

function holds(...rows) {
  assert.deepEqual(replica.toArray(), rows);
  assert.deepEqual(view.values(), rows, "the view was told the same");
  assert.equal(replica.size, rows.length);
}

beforeEach(() => {
  view = new RecordingView();
  replica = new Replica(view);
});

describe("a snapshot", () => {
  beforeEach(() => replica.subscribed(subscribed()));

  test("replaces the table only at its last part", () => {
    replica.snapshot(snapshot([row(1, 10)], { more: true, position: undefined }));
    holds();
    assert.equal(replica.position, null);
    replica.snapshot(snapshot([row(2, 20)], { part: 1, position: "e.7.p", seq: 7 }));
    holds(row(1, 10), row(2, 20));
    assert.equal(replica.position, "e.7.p");
    assert.deepEqual(view.definitions, [{ key: ["id"], columns }]);
  });

  test("starts over with part 0", () => {
    replica.snapshot(snapshot([row(1, 10)], { more: true }));
    replica.snapshot(snapshot([row(2, 20)]));
    holds(row(2, 20));
  });

  test("with a part missing is a broken stream", () => {
    replica.snapshot(snapshot([row(1, 10)], { more: true }));
    assert.throws(() => replica.snapshot(snapshot([], { part: 2 })), intact);
  });

  test("must come before the first batch", () => {
    assert.throws(() => replica.batch(batch(1, [])), intact);
  });

  test("may stand in place of a resync, without a gap", () => {
    replica.snapshot(snapshot([row(1, 10)]));
    replica.snapshot(snapshot([row(2, 20)], { position: "e.9.p", seq: 9 }));
    replica.batch(batch(10, [update(2, 21)]));
    holds(row(2, 21));
  });

  test("that names a key twice is not believed", () => {
    assert.throws(() => replica.snapshot(snapshot([row(1, 10), row(1, 11)])), notIntact);
  });
});

describe("a batch", () => {
  beforeEach(() => {
    replica.subscribed(subscribed());
    replica.snapshot(snapshot([row(1, 10), row(2, 20)]));
  });

  test("is applied as a whole", () => {
    const changes = replica.batch(batch(2, [insert(3, 30), update(1, 11), remove(2)]));
    assert.equal(changes, 3);
    holds(row(1, 11), row(3, 30));
    assert.equal(replica.position, "e.2.p");
  });

  test("in parts is applied at the last one", () => {
    replica.batch(batch(2, [insert(3, 30)], { part: 0, more: true }));
    holds(row(1, 10), row(2, 20));
    assert.equal(replica.position, "e.1.p");
    replica.progress({ position: "e.2.p" });
    assert.equal(replica.position, "e.1.p", "no position ahead of the rows");
    replica.batch(batch(2, [remove(1)], { part: 1 }));
    holds(row(2, 20), row(3, 30));
    assert.equal(replica.position, "e.2.p");
  });

  test("out of sequence is a broken stream that leaves the rows as they were", () => {
    for (const seq of [1, 3]) {
      assert.throws(() => replica.batch(batch(seq, [remove(1)])), intact);
    }
    assert.throws(() => replica.batch(batch(3, [], { part: 1 })), intact);
    holds(row(1, 10), row(2, 20));
    assert.equal(replica.position, "e.1.p");
  });

  test("whose next part belongs to another one is a broken stream", () => {
    replica.batch(batch(2, [], { part: 0, more: true }));
    assert.throws(() => replica.batch(batch(3, [], { part: 1 })), intact);
  });

  test("that contradicts the rows is told from one that only lost its place", () => {
    assert.throws(() => replica.batch(batch(2, [insert(1, 11)])), notIntact);
    assert.throws(() => replica.batch(batch(2, [update(9, 1)])), notIntact);
    assert.throws(() => replica.batch(batch(2, [remove(9)])), notIntact);
  });

  test("merged covers the seqs that end at its own and sets rows", () => {
    replica.batch(batch(4, [insert(1, 12), update(5, 50), remove(9)], { merged: 3 }));
    holds(row(1, 12), row(2, 20), row(5, 50));
    replica.batch(batch(5, [remove(5)]));
    assert.throws(() => replica.batch(batch(8, [], { merged: 2 })), intact);
  });

  test("of a resync sets rows and follows in sequence", () => {
    replica.batch(batch(2, [insert(1, 12), remove(9)], { resync: true }));
    holds(row(1, 12), row(2, 20));
    assert.throws(() => replica.batch(batch(4, [], { resync: true })), intact);
  });

  test("progress moves the position alone", () => {
    replica.progress({ position: "e.5.p" });
    assert.equal(replica.position, "e.5.p");
    replica.batch(batch(2, [remove(1)]));
    holds(row(2, 20));
  });
});

describe("a gap", () => {
  beforeEach(() => {
    replica.subscribed(subscribed());
    replica.snapshot(snapshot([row(1, 10)]));
  });

  test("discards what is staged", () => {
    replica.batch(batch(2, [insert(3, 30)], { part: 0, more: true }));
    replica.gap({ recovery: "fold", upTo: "e.8.p" });
    replica.batch(batch(8, [insert(2, 20)], { merged: 7 }));
    holds(row(1, 10), row(2, 20));
  });

  test("with fold is followed by a merged batch of any seq, and by nothing else", () => {
    replica.gap({ recovery: "fold", upTo: "e.8.p" });
    replica.progress({ position: "e.8.p" });
    assert.equal(replica.position, "e.1.p", "before the fold the rows stand at the old position");
    assert.throws(() => replica.batch(batch(8, [])), intact);
  });

  test("with snapshot keeps rows and position until it is whole", () => {
    replica.gap({ recovery: "snapshot", upTo: "e.8.p" });
    replica.progress({ position: "e.8.p" });
    holds(row(1, 10));
    assert.equal(replica.position, "e.1.p");
    assert.throws(() => replica.batch(batch(2, [])), intact);
    replica.snapshot(snapshot([row(4, 40)], { position: "e.9.p", seq: 9 }));
    holds(row(4, 40));
  });

  test("with none goes on behind what was lost", () => {
    replica.gap({ recovery: "none", upTo: "e.8.p" });
    assert.equal(replica.position, "e.8.p");
    replica.batch(batch(20, [insert(2, 20)]));
    replica.batch(batch(21, [remove(2)]));
    holds(row(1, 10));
  });
});

describe("a return", () => {
  beforeEach(() => {
    replica.subscribed(subscribed());
    replica.snapshot(snapshot([row(1, 10)], { seq: 5 }));
  });

  test("by replay goes on with the seq that it names", () => {
    replica.batch(batch(6, [insert(9, 9)], { part: 0, more: true }));
    replica.subscribed(subscribed({ start: "replay", position: "e.0.p", seq: 41 }));
    assert.equal(replica.position, "e.1.p", "never back");
    replica.batch(batch(42, [insert(2, 20)]));
    holds(row(1, 10), row(2, 20));
  });

  test("with other columns changes the definition together with the rows", () => {
    const wider = [...columns, { name: "side", type: "text" }];
    replica.gap({ recovery: "snapshot", upTo: "e.8.p", reason: "source-reset" });
    replica.subscribed(subscribed({ columns: wider }));
    assert.deepEqual(replica.definition.columns, columns);
    holds(row(1, 10));
    replica.snapshot(snapshot([{ ...row(1, 10), side: "buy" }]));
    assert.deepEqual(view.definitions.at(-1).columns, wider);
    holds({ ...row(1, 10), side: "buy" });
  });

  test("after distrust starts with a snapshot", () => {
    replica.distrust();
    assert.equal(replica.position, null);
    assert.throws(() => replica.subscribed(subscribed({ start: "live", seq: 3 })), intact);
  });
});

describe("a source without a key", () => {
  const copy = { id: "1", price: "10" };

  beforeEach(() => {
    replica.subscribed(subscribed({ key: [] }));
    replica.snapshot(snapshot([copy, copy, row(2, 20)]));
  });

  test("holds the same row several times", () => {
    assert.equal(replica.size, 3);
    assert.equal(view.values().length, 3);
  });

  test("adds and removes one copy a change", () => {
    replica.batch(batch(2, [insert(1, 10), insert(1, 10), { op: "delete", row: row(2, 20) }]));
    holds(copy, copy, copy, copy);
    replica.batch(batch(3, [{ op: "delete", row: copy }]));
    assert.equal(replica.size, 3);
  });

  test("takes the changes of one batch in any order", () => {
    replica.batch(batch(2, [{ op: "delete", row: row(7, 70) }, insert(7, 70), insert(7, 70)]));
    assert.equal(replica.size, 4);
    assert.equal(view.values().length, 4);
  });

  test("tells the columns apart whatever their order on the wire", () => {
    replica.batch(batch(2, [{ op: "delete", row: { price: "20", id: "2" } }]));
    holds(copy, copy);
  });

  test("takes a merged batch as the exact net count", () => {
    const oneLess = { op: "delete", row: copy };
    replica.batch(batch(3, [oneLess, oneLess], { merged: 2 }));
    holds(row(2, 20));
  });

  test("never has an update, nor less than no copy", () => {
    assert.throws(() => replica.batch(batch(2, [update(1, 11)])), notIntact);
    assert.throws(() => replica.batch(batch(2, [{ op: "delete", row: row(8, 80) }])), notIntact);
  });
});

test("a table that took random batches equals the model", () => {
  let seed = 20;
  const random = (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const model = new Map();
  replica.subscribed(subscribed());
  replica.snapshot(snapshot([]));
  for (let seq = 2; seq < 500; seq++) {
    const changes = new Map();
    for (let change = 0; change < 1 + random(8); change++) {
      const id = random(40);
      if (changes.has(id)) {
        continue;
      }
      if (!model.has(id)) {
        changes.set(id, insert(id, seq));
        model.set(id, row(id, seq));
      } else if (random(2) === 0) {
        changes.set(id, update(id, seq));
        model.set(id, row(id, seq));
      } else {
        changes.set(id, remove(id));
        model.delete(id);
      }
    }
    const all = [...changes.values()];
    const cut = random(all.length + 1);
    replica.batch(batch(seq, all.slice(0, cut), { part: 0, more: true }));
    replica.batch(batch(seq, all.slice(cut), { part: 1 }));
    const byId = (a, b) => a.id - b.id;
    assert.deepEqual(replica.toArray().sort(byId), [...model.values()].sort(byId));
    assert.deepEqual(view.values().sort(byId), [...model.values()].sort(byId));
  }
});
