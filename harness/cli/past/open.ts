import { HarnessError } from "../../base/errors.js";
import { History } from "../../history/history.js";

/** The history that a command is about. @throws HarnessError FILE_UNREADABLE where there is none; HISTORY_UNUSABLE. */
export async function openHistory(file: string): Promise<History> {
  const history = await History.in(file);
  if (history !== undefined) return history;
  throw new HarnessError("FILE_UNREADABLE", `${file}: expected a history of runs, got nothing`, {
    advice: "A run makes it at its end, beside its folder. Name one that is elsewhere with --history.",
  });
}
