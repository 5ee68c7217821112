import { count, counted, duration, shortPosition, words } from "./format.js";

const healthy = new Set(["live", "completed"]);
const broken = new Set(["failed", "stalled", "reconnecting"]);

/** Turns what the client and the database's state report into sentences for the event log. */
export function narrator(log) {
  return {
    client: {
      connectionChanged({ state, from }) {
        if (state.name === "closed") {
          log.add("bad", `connection closed and not coming back: ${state.why}`);
        } else if (state.name === "waiting" && state.why === "asleep") {
          log.add("bad", `asleep for ${duration(state.delayMs)}`);
        } else if (state.name === "waiting" && from.name === "open") {
          log.add("bad",
            `connection cut: ${state.why}; trying again in ${duration(state.delayMs)}`);
        } else if (state.name === "waiting") {
          log.add("warn", `no connection (attempt ${state.attempt}), ${state.why}; `
            + `trying again in ${duration(state.delayMs)}`);
        }
      },

      welcomed({ resumed, downMs }) {
        if (downMs === null) {
          log.add("good", "connected");
        } else {
          const session = resumed ? ", same session" : "";
          log.add("good", `reconnected after ${duration(downMs)}${session}`);
        }
      },

      resumed({ position, batches, changes }) {
        const replayed = batches === 0
          ? "nothing was missed"
          : `${counted(batches, "batch", "batches")}, ${counted(changes, "change")} replayed`;
        log.add("good", `resumed at ${shortPosition(position)}: ${replayed}, no snapshot`);
      },

      snapshotApplied({ rows, returning }) {
        log.add(returning ? "warn" : "plain",
          `${returning ? "started over with" : "received"} a snapshot of ${counted(rows, "row")}`);
      },

      gap({ reason, recovery, dropped }) {
        const what = dropped >= 0 ? counted(dropped, "change") : "changes";
        const then = { fold: "folded into one batch", snapshot: "a snapshot follows" }[recovery]
          ?? "not recovered";
        log.add("warn", `gap (${words(reason)}): ${what} not delivered one by one, ${then}`);
      },

      pressure({ level, buffered, capacity }) {
        log.add(level === "normal" ? "good" : "warn", level === "normal"
          ? "caught up with the gateway again"
          : `falling behind (${level}): ${count(buffered)} of ${count(capacity)} buffered`);
      },

      refused({ code, message, retryInMs }) {
        const then = retryInMs === null ? "" : `; asking again in ${duration(retryInMs)}`;
        log.add(retryInMs === null ? "bad" : "warn", `refused (${words(code)}): ${message}${then}`);
      },

      ended({ reason }) {
        log.add("bad", `the gateway ended the subscription${reason ? `: ${reason}` : ""}`);
      },

      broken(failure) {
        log.add("bad", `the stream cannot be followed: ${failure.message}`);
      },
    },

    database({ to, reason, awayMs }) {
      if (to === "unknown") {
        log.add("warn", "database: state unknown, the gateway does not answer");
        return;
      }
      if (awayMs >= 0) {
        log.add("good", `database: live again after ${duration(awayMs)}`);
        return;
      }
      const kind = healthy.has(to) ? "good" : broken.has(to) ? "bad" : "plain";
      log.add(kind, `database: ${words(to)}${reason && kind !== "good" ? ` (${reason})` : ""}`);
    },
  };
}
