#!/usr/bin/env python3
"""Follows one source of a tycostream gateway and keeps its rows.

What happens goes to stderr. At the end (Ctrl-C) the rows go to stdout, one JSON object a line.
Needs the package `websockets`, 10 or newer. Why each step is as it is: docs/protocol.md
"""
import asyncio, json, random, signal, sys, time
import websockets

MIN_WAIT, MAX_WAIT = 0.5, 20.0  # seconds
STAY_AWAY = {1009, 4400, 4401, 4403}  # close codes after which the same client would fail again


class Ended(Exception):
    """The connection is of no use any more."""
    def __init__(self, reason, rows_wrong=False, final=False, retry_ms=None):
        super().__init__(reason)
        self.rows_wrong, self.final, self.retry_ms = rows_wrong, final, retry_ms


class Table:
    """Rows that are right at `position`; they change only when a whole snapshot or batch is there."""
    def __init__(self):
        self.rows, self.key, self.position = {}, [], None
        self.feed = self.seq = self.next_key = self.awaits = None
        self.parts, self.count, self.staged, self.suspect = [], 0, None, False

    def key_of(self, row):
        return json.dumps([row[column] for column in self.key])

    def is_whole(self, m, elements):  # stages a part
        if m.get("part", 0) == 0:
            self.parts, self.count, self.staged = [], 0, m["type"]
        elif m["part"] != self.count or m["type"] != self.staged:
            raise self.out_of_step(f"part {m['part']} of a {m['type']} where {self.count} was due")
        self.parts, self.count = self.parts + elements, self.count + 1
        return not m.get("more", False)

    def reach(self, m):
        self.position, self.seq, self.awaits, self.suspect = m["position"], m["seq"], None, False
        self.parts, self.count = [], 0

    def out_of_step(self, reason):
        again, self.suspect = self.suspect, True  # again before anything was applied: begin anew
        return Ended(reason, rows_wrong=again)

    def subscribed(self, m):
        self.feed, self.next_key, self.parts, self.count = m["feed"], m["key"], [], 0
        log(f"subscribed: feed {m['feed']}, start {m['start']}")
        if not m["key"]:
            raise Ended("a source without a key, which this client does not know", final=True)
        if m["start"] == "snapshot":
            self.awaits = "snapshot"
        elif self.position is None or m["key"] != self.key:
            raise Ended(f"a {m['start']} of rows that are not here", rows_wrong=True)
        else:
            self.awaits, self.seq = None, m["seq"]

    def snapshot(self, m):
        if self.is_whole(m, m["rows"]):
            self.key = self.next_key
            self.rows = {self.key_of(row): row for row in self.parts}
            self.reach(m)
            log(f"snapshot: {len(self.rows)} rows at {self.position}")

    def batch(self, m):
        if self.awaits == "snapshot" or m["seq"] != self.seq + m.get("merged", 1):
            raise self.out_of_step(f"batch {m['seq']} after {self.seq}")
        if self.is_whole(m, m["changes"]):
            exact = "merged" not in m and not m.get("resync")
            for op, row in ((change["op"], change["row"]) for change in self.parts):
                key = self.key_of(row)
                if exact and (op == "insert") == (key in self.rows):
                    raise Ended(f"{op} of {key} does not fit the rows", rows_wrong=True)
                if op == "delete":
                    self.rows.pop(key, None)
                else:
                    self.rows[key] = row
            if not exact:
                log(f"resync or merged batch: {len(self.parts)} changes up to {m['position']}")
            self.reach(m)

    def progress(self, m):
        if self.awaits is None and self.count == 0:  # else the rows are not there yet
            self.position = m["position"]

    def gap(self, m):
        log(f"gap: {m['reason']}, {m['dropped']} changes were not told, recovery {m['recovery']}")
        self.parts, self.count, self.awaits = [], 0, m["recovery"]
        if self.awaits not in ("snapshot", "fold"):
            raise Ended("a gap that leaves the rows wrong", rows_wrong=True)


async def follow_once(url, source, table):
    # No limit on what comes in: a single row may be larger than the gateway's limits.maxMessage.
    async with websockets.connect(url, subprotocols=["tycostream.v1.json"], max_size=None) as socket:
        table.feed, patience, asked = None, 10.0, False
        after = {} if table.position is None else {"after": table.position}
        await socket.send(json.dumps({"type": "hello", "client": "client.py"}))
        await socket.send(json.dumps({"type": "subscribe", "ref": "mine", "source": source, **after}))
        while True:
            try:
                m = json.loads(await asyncio.wait_for(socket.recv(), patience))
            except asyncio.TimeoutError:
                if asked:
                    raise Ended("the gateway is silent")
                asked = True
                await socket.send('{"type":"ping"}')
                continue
            asked, kind = False, m["type"]
            if kind == "welcome":
                patience = 2 * m["heartbeatMs"] / 1000
            elif kind == "subscribed":
                table.subscribed(m)
            elif kind in ("snapshot", "batch", "progress", "gap") and m["feed"] == table.feed:
                getattr(table, kind)(m)
            elif kind == "source":
                log(f"the gateway's database is {m['state']} {m.get('reason', '')}")
            elif kind in ("error", "unsubscribed"):
                bad = m.get("code") == "bad-position"
                raise Ended(m.get("message", kind), bad, final=not bad and not m.get("retryable"))
            elif kind == "bye":
                raise Ended(m["reason"], final=m["code"] in STAY_AWAY, retry_ms=m.get("retryInMs"))


async def follow(url, source, table):
    attempt, wait = 0, 0.0
    while True:
        started = time.monotonic()
        try:
            await follow_once(url, source, table)
        except Ended as e:
            ended = e
        except websockets.ConnectionClosed as e:
            ended = Ended(str(e), final=e.rcvd is not None and e.rcvd.code in STAY_AWAY)
        except (OSError, asyncio.TimeoutError, websockets.InvalidHandshake, websockets.InvalidMessage) as e:
            ended = Ended(f"cannot connect: {e}")
        if ended.final:
            sys.exit(f"given up: {ended}")
        if ended.rows_wrong:
            table.position = None  # begin with a snapshot
        if time.monotonic() - started > wait + MIN_WAIT:
            attempt = 0  # that one lasted
        growing = min(MAX_WAIT, MIN_WAIT * 2 ** min(attempt + 1, 10))
        wait = MIN_WAIT + random.random() * (growing - MIN_WAIT)  # full jitter
        wait, attempt = wait if ended.retry_ms is None else ended.retry_ms / 1000, attempt + 1
        log(f"no connection: {ended}; next try in {wait:.1f} s, after {table.position}")
        await asyncio.sleep(wait)


def log(text):
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


async def main(url, source):
    table = Table()
    following = asyncio.ensure_future(follow(url, source, table))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, following.cancel)
    try:
        await following
    except asyncio.CancelledError:
        log(f"left with {len(table.rows)} rows at {table.position}")
        for row in table.rows.values():
            print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: client.py ws://localhost:8080/v1/stream SOURCE")
    asyncio.run(main(*sys.argv[1:]))
