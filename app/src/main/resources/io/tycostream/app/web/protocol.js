// What both ends of the wire agree on and that is not a message: the subprotocol's name and what
// a close code asks of the client.

export const SUBPROTOCOL = "tycostream.v1.json";

/** Come back and take the session up again. */
export const RESUME = "resume";
/** Come back with positions, but not with the resume token. */
export const NEW_SESSION = "new-session";
/** Stay away: coming back would meet the same answer. */
export const STAY_AWAY = "stay-away";

const closeCodes = new Map([
  [1000, { then: STAY_AWAY, meaning: "the gateway ended the connection" }],
  [1001, { then: RESUME, meaning: "the gateway is shutting down" }],
  [1006, { then: RESUME, meaning: "ended without a closing message" }],
  [1009, { then: STAY_AWAY, meaning: "a message was over the size limit" }],
  [4400, { then: STAY_AWAY, meaning: "protocol error" }],
  [4401, { then: STAY_AWAY, meaning: "credentials missing, wrong or expired" }],
  [4403, { then: STAY_AWAY, meaning: "not allowed" }],
  [4408, { then: RESUME, meaning: "heartbeat lost" }],
  [4409, { then: NEW_SESSION, meaning: "session taken up by a newer connection" }],
  [4429, { then: RESUME, meaning: "too many requests or connections" }],
  [4503, { then: RESUME, meaning: "this page read too slowly" }],
]);

/** What the close code means; a code that this version does not know is a reason to come back. */
export function closeCode(code) {
  return closeCodes.get(code) ?? { then: RESUME, meaning: `connection closed with code ${code}` };
}

/**
 * The gateway sent what cannot follow what it sent before. `rowsIntact` tells whether the rows
 * still are the source's rows at the last position, so that one may resume from it.
 */
export class BrokenStream extends Error {
  constructor(message, { rowsIntact }) {
    super(message);
    this.name = "BrokenStream";
    this.rowsIntact = rowsIntact;
  }
}
