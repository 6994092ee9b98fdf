/** All that a farm keeps in Redis begins so: what else lies there is somebody else's. */
export const PREFIX = "st67-hil";

const key = (...parts: readonly string[]): string => [PREFIX, ...parts].join(":");
/** Names come from people: a colon in one would be taken for a part of the key. Half a character of UTF-16 has no code in a URI. */
const safe = (name: string): string => encodeURIComponent(name.replace(/\p{Cs}/gu, "\ufffd"));

/** Every key of a farm, beside those of BullMQ's queues. An ACL rule is a pattern over these. */
export const KEYS = {
  /** Set: the needs of cases that were ever queued, each as JSON. */
  needs: key("farm", "needs"),
  /** Counter: the fencing number that was given out last. */
  fence: key("farm", "fence"),
  /** Set: names of the rigs that were ever seen. */
  rigs: key("farm", "rigs"),
  /** Set: ids of the runs that are known. */
  runs: key("farm", "runs"),
  /** Text: the agent that works a rig; ends with its lease. */
  holder: (rig: string) => key("holder", safe(rig)),
  /** Text: a rig's state as its agent tells it, as JSON; ends with its lease. */
  record: (rig: string) => key("record", safe(rig)),
  /** Text: what a run is, as JSON. */
  order: (run: string) => key("order", safe(run)),
  /** Text: why no case of a run begins any more, as JSON. */
  stop: (run: string) => key("stop", safe(run)),
  /** Hash: of each job of a run the number of the delivery that counts. */
  current: (run: string) => key("current", safe(run)),
  /** Stream: all that happened in a run, in its order. */
  told: (run: string) => key("told", safe(run)),
  /** Text: who writes a run down; ends with its lease. */
  clerk: (run: string) => key("clerk", safe(run)),
  /** List: the bytes whose SHA-256 this is, in pieces. */
  blob: (sha256: string) => key("blob", sha256),
} as const;

/** The queue of all jobs with these needs; the order in which they are named is nothing. */
export const needsQueue = (needs: readonly string[]): string =>
  `needs.${[...new Set(needs)].sort().map(safe).join("+")}`;

/** The queue of what one rig alone may take. */
export const rigQueue = (rig: string): string => `rig.${safe(rig)}`;
