package io.tycostream.simulation;

/** Situations that are seldom, and that a set of seeds has to reach to be worth anything. */
public enum Rare {
  /** A client came from a gateway that is further, and was made to wait. */
  POSITION_AHEAD,
  /** A client's position lay strictly inside a difference. */
  INSIDE_DIFFERENCE,
  /** A client resumed, and what followed its position had left the log. */
  HISTORY_EXPIRED,
  /** A client resumed with a position of another definition. */
  DEFINITION_CHANGED,
  /** A client resumed with a position of a history that the gateway never saw. */
  UNKNOWN_HISTORY,
  /** Clients that were there got other columns. */
  SOURCE_RESET,
  /** A client resumed by replay, and there was something to replay. */
  REPLAY,
  /** A client resumed exactly at the newest position. */
  REPLAY_OF_NOTHING,
  /** A slow client was overtaken by the end of the log. */
  OVERRUN,
  /** The log let go of what followed a snapshot while the snapshot was being sent. */
  OVERRUN_DURING_SNAPSHOT,
  /** Changes came while a snapshot was being sent. */
  CHANGES_DURING_SNAPSHOT,
  /** What a client was behind with was folded into one merged batch. */
  FOLD,
  /** A client waited until others were done with what they had in hand. */
  NO_ROOM,
  /** A fold was announced by a gap. */
  FOLD_ANNOUNCED,
  /** What was folded came to nothing. */
  FOLD_TO_NOTHING,
  /** What was folded had a difference in it. */
  FOLD_OVER_RESYNC,
  /** A subscription of events was told some. */
  EVENTS,
  /** A client lost changes by its policy, announced. */
  DROPPED,
  /** What came while the buffer was full was lost. */
  DROPPED_NEWEST,
  /** A part only was told, because too much waited. */
  DROPPED_SAMPLE,
  /** What was too old was lost or merged. */
  DROPPED_BY_AGE,
  /** What gave way to subscriptions of a higher priority was merged. */
  DROPPED_BY_PRIORITY,
  /** A client lost something while the feed knew less than the log had. */
  MARKS_GIVEN_UP,
  /** No stream lasted for so long that an alert was raised. */
  ALERT,
  /** The same, and there were streams, which were lost soon. */
  ALERT_AFTER_SHORT_LIVES,
  /** Lost history was made good by a difference. */
  RESYNC_WITH_DIFFERENCE,
  /** Lost history, and nothing had changed. */
  RESYNC_WITHOUT_DIFFERENCE,
  /** A difference led from one epoch into another. */
  EPOCH_CHANGE,
  /** A difference led from a table to the one that was made again in its place. */
  TABLE_MADE_AGAIN,
  /** A connection was cut with a part of a snapshot or a batch as the last thing received. */
  CUT_INSIDE_PARTS,
  /** A database stream was cut in the middle of a transaction or a timestamp. */
  CUT_INSIDE_MOMENT,
  /** A database stream was cut in the middle of a snapshot. */
  CUT_INSIDE_SNAPSHOT,
  /** A resumed stream was cut before it had told what had happened meanwhile. */
  CUT_WHILE_CATCHING_UP,
  /** A gateway went to a replica. */
  FAILED_OVER,
  /** A gateway went back to the primary after it was well for long enough. */
  FAILED_BACK,
  /** A gateway came to a replica that was not as far as it was itself. */
  REPLICA_BEHIND,
  /** A gateway came back to a primary that was set back. */
  SET_BACK,
  /** A database told again what was applied already. */
  TOLD_AGAIN,
  /** A database stream fell silent and was given up. */
  SILENT_STREAM,
  /** A client's connection fell silent and was given up by the client. */
  SILENT_GATEWAY,
  /** A client was given up by its gateway because it said nothing. */
  SILENT_CLIENT,
  /** A session was taken up again. */
  SESSION_RESUMED,
  /** One of its subscriptions follows events, and the client cannot say where it is. */
  RESTORED_WITHOUT_POSITION,
  /** A client followed a source, and may not any more. */
  ACCESS_REVOKED,
  /** A client came back for a subscription that had ended, and had not heard of that. */
  ENDED_UNHEARD,
  /** A client asked again for what it was forbidden. */
  ASKED_AGAIN,
  /** Permissions changed on an open connection. */
  PERMITTED_IN_PLACE,
  /** A session was taken up by a newer connection while the older one was there. */
  TAKEOVER,
  /** Somebody presented the token that another one was given. */
  TOKEN_OF_ANOTHER,
  /** A client was told that it falls behind, or has caught up. */
  PRESSURE,
  /** A client was sent away because its socket took too little for too long. */
  SLOW_CONSUMER,
  /** Clients were told that the database does not move on. */
  STALLED,
  /** A client asked for what it followed already. */
  DUPLICATE,
  /** A client's credentials ended while it was connected. */
  CREDENTIALS_ENDED,
  /** A client was one too many. */
  TOO_MANY_CONNECTIONS,
  /** A client asked faster than it may, and was read later. */
  OVER_RATE,
  /** A client was sent away because it asked faster than it may for too long. */
  TOO_MANY_REQUESTS,
  /** A subscription had as many changes as it wants for now. */
  RESTED,
  /** The permissions of a client were changed. */
  PERMISSIONS_CHANGED,
  /** A gateway died and came back with nothing. */
  GATEWAY_RESTART,
  /** A gateway that was started again was told which keys were touched before. */
  PREHISTORY,
  /** A gateway that was started was told all rows of an earlier moment, and what followed. */
  EARLIER_BEGINNING,
  /** A client from before the first rows of a gateway was led on by the keys touched since. */
  REPLAY_OF_TOUCHED,
  /** A client was led on by changes from before the gateway was connected to its database. */
  REPLAY_FROM_BEFORE_THE_START,
  /** A client from before the first rows must not hear of touched keys, and began anew. */
  TOUCHED_UNTOLD,
  /** A gateway sent its clients away and stopped. */
  DRAIN,
  /** A client moved from one gateway to another. */
  MOVED,
  /** A client came back with a position and rows that it had stored earlier. */
  OLD_POSITION,
  /** A program that keeps its rows itself came back behind a position that it had stored. */
  OWN_ROWS,
  /** A client that had to begin anew again and again left a subscription alone for a while. */
  LOOPING,
  /** A client was refused because its source was not ready in time. */
  REFUSED,
  /** A stream could not be resumed because the database did not keep enough. */
  HISTORY_LOST,
  /** A source had more rows or bytes than it may, and failed alone. */
  SOURCE_TOO_LARGE,
  /** Rows of a source that failed alone were read beside the stream of several. */
  READ_BESIDE,
  /** A source that failed alone was followed again. */
  SOURCE_RETURNED,
  /** A client was told that its source has failed. */
  FAILURE_TOLD,
  /** A connection to the database was given up until the slow retry. */
  UPSTREAM_FAILED
}
