import type { RunEvent } from "../../harness/base/events.js";
import { readJournal } from "../../reports/read.js";

/** All events of a journal. */
export const eventsIn = (file: string): RunEvent[] => [...readJournal(file)].map(({ event }) => event);
