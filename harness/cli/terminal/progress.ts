import type { RigConfig } from "../../../rigs/file/schema.js";
import { oneLine } from "../../base/clean.js";
import type { Stage } from "../../session/stage.js";
import { colors, tell } from "./output.js";

export interface Progress extends Disposable {
  begin(stage: string): void;
  update(stage: string, done: number, total: number): void;
  /** An answer takes longer than usual. */
  waiting(what: string, mostMs: number): void;
  done(stage: Stage): void;
  note(message: string): void;
  stop(): void;
}

/**
 * A spinner with the stage at work, and percent, on a terminal; elsewhere one plain line for each stage that ended. On
 * stderr. What ends or is noted takes the spinner away: what it said may not be so any more.
 *
 * @param rigs at work. A person who is asked to press buttons reads that on the same line: no spinner is drawn over it.
 */
export async function progressOf(
  rigs: readonly Pick<RigConfig, "straps">[],
  stream: NodeJS.WriteStream = process.stderr,
  env = process.env,
): Promise<Progress> {
  const asks = rigs.some(({ straps }) => straps.driver === "manual");
  const spinner = !asks && moves(stream, env) ? await spinnerOf(stream) : undefined;
  const line: typeof tell = (text, paint) => {
    spinner?.stop();
    tell(text, paint);
  };
  return {
    begin: (stage) => void spinner?.start(oneLine(stage)),
    update: (stage, done, total) => void spinner?.start(`${oneLine(stage)} ${Math.floor((100 * done) / total)} %`),
    waiting: (what, mostMs) => {
      const text = `${what} is not answered yet; it is waited for ${mostMs / 1000} s at most`;
      if (spinner === undefined) tell(text, colors.dim);
      else spinner.start(oneLine(text));
    },
    done: ({ stage, ms, bytes }) =>
      line(`${stage.padEnd(24)} ${seconds(ms)}${bytes === undefined ? "" : `  ${bytes} bytes`}`, (text) =>
        text.replace(/ {2}\d+ bytes$/, colors.dim),
      ),
    note: (message) => line(message, colors.yellow),
    stop: () => void spinner?.stop(),
    [Symbol.dispose]: () => void spinner?.stop(),
  };
}

/**
 * Whether a line may be drawn over. A CI keeps all that is drawn, even where it lends a terminal; a dumb terminal cannot; a
 * login over a UART is one of 0 columns, where a spinner would clear endlessly many lines.
 */
const moves = ({ isTTY, columns }: NodeJS.WriteStream, { CI = "", TERM }: NodeJS.ProcessEnv): boolean =>
  isTTY === true && columns > 0 && CI === "" && TERM !== "dumb";

/** It has no say of its own in whether it moves: where it thinks that it may not, it writes a line for each percent. */
async function spinnerOf(stream: NodeJS.WriteStream) {
  const { default: ora } = await import("ora");
  return ora({ stream, discardStdin: false, isEnabled: true });
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3).padStart(8)} s`;
