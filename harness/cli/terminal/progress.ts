import { oneLine } from "../../base/clean.js";
import type { Stage } from "../../session/stage.js";
import { colors, tell } from "./output.js";

export interface Progress extends Disposable {
  update(stage: string, done: number, total: number): void;
  done(stage: Stage): void;
  note(message: string): void;
  stop(): void;
}

/**
 * A spinner with percent on a terminal; elsewhere one plain line for each stage that ended. On stderr. A login over a
 * UART is a terminal of 0 columns: a spinner would clear endlessly many lines there.
 */
export async function progressOf(): Promise<Progress> {
  const { isTTY, columns } = process.stderr;
  const spinner = isTTY && columns > 0 ? await spinnerOf(process.stderr) : undefined;
  const line: typeof tell = (text, paint) => {
    spinner?.clear();
    tell(text, paint);
  };
  return {
    update: (stage, done, total) => void spinner?.start(`${oneLine(stage)} ${Math.floor((100 * done) / total)} %`),
    done: ({ stage, ms, bytes }) =>
      line(`${stage.padEnd(24)} ${seconds(ms)}${bytes === undefined ? "" : `  ${bytes} bytes`}`, (text) =>
        text.replace(/ {2}\d+ bytes$/, colors.dim),
      ),
    note: (message) => line(message, colors.yellow),
    stop: () => void spinner?.stop(),
    [Symbol.dispose]: () => void spinner?.stop(),
  };
}

async function spinnerOf(stream: NodeJS.WriteStream) {
  const { default: ora } = await import("ora");
  return ora({ stream, discardStdin: false });
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3).padStart(8)} s`;
