import { IDLE_TIMEOUT_MS } from "../session/session.js";

/** The session ends at the second idle time-out in a row; some more, for a device clock that is slow. */
export const WAIT_OUT_MS = 2 * IDLE_TIMEOUT_MS + 1000;
