import { NEW_SESSION, RESUME, STAY_AWAY, SUBPROTOCOL, closeCode } from "./protocol.js";

const OPENING_TIMEOUT_MS = 10_000; // for the socket to open and for `welcome`, each
const STABLE_AFTER_MS = 5_000; // a connection that held this long forgets earlier failures
const DEFAULT_HEARTBEAT_MS = 15_000;
const LOST = 1006;

/**
 * Keeps one WebSocket to the gateway: greets, notices silence, comes back with jittered backoff and
 * the resume token. Every change of state passes through `#enter` and is told to the owner:
 *
 * - `connecting` the socket is being opened or `welcome` is awaited
 * - `open` since `welcome`
 * - `waiting` for `delayMs` before the next attempt, because of `why`
 * - `closed` and not coming back by itself, because of `why`
 *
 * A socket that was given up is never heard again: closing a dead one can take minutes, so nothing
 * here waits for its `close` event.
 */
export class Connection {
  #openSocket;
  #clock;
  #random;
  #backoff;
  #token;
  #owner;
  #socket = null;
  #attempt = 0;
  #cancelTimer = () => {};
  #resumeToken = null;
  #bye = null;
  #heartbeatMs = DEFAULT_HEARTBEAT_MS;
  #lastHeardMs = 0;

  /**
   * @param openSocket (subprotocol) → a WebSocket
   * @param clock `now()` in milliseconds, `after(ms, action)` → a function that cancels
   * @param random () → [0, 1)
   * @param token () → what to show to the gateway, or null
   * @param owner `stateChanged(state, from)`; `positionsToResume()` → `{ref: position}`, or null
   *     where the session must not be taken up; `greeted(resuming)` after `hello` was sent;
   *     `welcomed(resumed)`; `received(message)` for all else, throws where the stream is broken;
   *     `failed(failure)` then, before the socket is given up
   */
  constructor({ openSocket, clock, random, backoff, token, owner }) {
    this.#openSocket = openSocket;
    this.#clock = clock;
    this.#random = random;
    this.#backoff = backoff;
    this.#token = token;
    this.#owner = owner;
    this.state = Object.freeze({ name: "closed", code: null });
  }

  connect() {
    if (this.state.name === "connecting" || this.state.name === "open") {
      return;
    }
    this.#enter({ name: "connecting", attempt: this.#attempt });
    const socket = this.#openSocket(SUBPROTOCOL);
    this.#socket = socket;
    this.#bye = null;
    const ifCurrent = (action) => (event) => {
      if (this.#socket === socket) {
        action(event);
      }
    };
    socket.addEventListener("open", ifCurrent(() => this.#greet()));
    socket.addEventListener("message", ifCurrent((event) => this.#receive(event.data)));
    socket.addEventListener("close", ifCurrent((event) => this.#closed(event.code)));
    this.#startTimer(OPENING_TIMEOUT_MS, () => this.#lost("no answer from the gateway"));
  }

  send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  /** Gives the socket up as if the network had cut it, and comes back as after any loss. */
  drop(why = "socket dropped by this page") {
    if (this.#socket !== null) {
      this.#lost(why);
    }
  }

  /** Gives the socket up and comes back after exactly `ms`, like a laptop that was closed. */
  sleep(ms) {
    this.#abandonSocket();
    this.#wait(ms, "asleep");
  }

  #greet() {
    const resuming = this.#resumeToken === null ? null : this.#owner.positionsToResume();
    if (resuming === null) {
      this.#resumeToken = null;
    }
    const token = this.#token();
    this.send({
      type: "hello",
      ...(token !== null && { token }),
      ...(resuming !== null && { resume: this.#resumeToken, positions: resuming }),
    });
    this.#owner.greeted(resuming !== null);
    this.#startTimer(OPENING_TIMEOUT_MS, () => this.#lost("no welcome from the gateway"));
  }

  #receive(data) {
    this.#lastHeardMs = this.#clock.now();
    try {
      const message = JSON.parse(data);
      if (message.type === "welcome") {
        this.#welcomed(message);
      } else if (message.type === "bye") {
        this.#bye = message;
      } else if (message.type !== "pong") {
        this.#owner.received(message);
      }
    } catch (failure) {
      this.#owner.failed(failure);
      this.#lost(`broken stream: ${failure.message}`);
    }
  }

  #welcomed(message) {
    const resumed = message.resumed === true && this.#resumeToken !== null;
    this.#resumeToken = message.resume ?? null;
    this.#heartbeatMs = message.heartbeatMs ?? DEFAULT_HEARTBEAT_MS;
    this.#enter({ name: "open", session: message.session, node: message.node });
    const openedMs = this.#clock.now();
    this.#listen(openedMs);
    this.#owner.welcomed(resumed);
  }

  /** Silent for two heartbeats: ask. Silent for one more: the other side is gone. */
  #listen(openedMs) {
    const limitMs = 2 * this.#heartbeatMs;
    const check = () => {
      const now = this.#clock.now();
      if (now - openedMs >= STABLE_AFTER_MS) {
        this.#attempt = 0;
      }
      const silentMs = now - this.#lastHeardMs;
      if (silentMs < limitMs) {
        this.#startTimer(Math.min(limitMs - silentMs, STABLE_AFTER_MS), check);
        return;
      }
      this.send({ type: "ping", nonce: String(Math.round(now)) });
      this.#startTimer(this.#heartbeatMs, () => {
        if (this.#lastHeardMs >= now) {
          check();
        } else {
          this.#lost(`silent for ${Math.round((this.#clock.now() - this.#lastHeardMs) / 1000)} s`);
        }
      });
    };
    this.#startTimer(Math.min(limitMs, STABLE_AFTER_MS), check);
  }

  #lost(why) {
    this.#abandonSocket();
    this.#comeBack(RESUME, LOST, why);
  }

  #closed(code) {
    this.#socket = null;
    const { then, meaning } = closeCode(this.#bye?.code ?? code);
    const unreached = this.state.name === "connecting" && code === LOST;
    const why = unreached ? "the gateway cannot be reached" : meaning;
    const reason = this.#bye?.reason ? `${why} (${this.#bye.reason})` : why;
    this.#comeBack(then, this.#bye?.code ?? code, reason);
  }

  #comeBack(then, code, why) {
    if (then === NEW_SESSION || this.#bye?.resumable === false) {
      this.#resumeToken = null;
    }
    if (then === STAY_AWAY) {
      this.#cancelTimer();
      this.#resumeToken = null;
      this.#enter({ name: "closed", code, why });
      return;
    }
    const delayMs = this.#bye?.retryInMs ?? this.#backoff.delay(this.#attempt, this.#random());
    this.#attempt++;
    this.#wait(delayMs, why, code);
  }

  #wait(delayMs, why, code = null) {
    this.#startTimer(delayMs, () => this.connect());
    const until = this.#clock.now() + delayMs;
    this.#enter({ name: "waiting", attempt: this.#attempt, delayMs, until, code, why });
  }

  #abandonSocket() {
    const socket = this.#socket;
    this.#socket = null;
    // Not 1000: that would tell the gateway that the session is over.
    socket?.close(4000, "dropped");
  }

  #startTimer(ms, action) {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(ms, action);
  }

  #enter(state) {
    const from = this.state;
    this.state = Object.freeze(state);
    this.#owner.stateChanged(this.state, from);
  }
}
