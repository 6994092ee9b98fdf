import { closeSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { SpiDevice } from "spi-device";
import { asHarnessError } from "../../../../harness/base/errors.js";
import { Deadline, SystemClock } from "../../../../harness/base/time.js";
import type { Line, Rig } from "../../../../harness/base/wire.js";
import { openPty } from "../../../../harness/native/pty.js";
import { strap } from "../../../../harness/session/strap.js";
import { loadRig } from "../../../../rigs/file/load.js";
import { hardwareBay } from "../../../../rigs/hardware.js";
import type { SpidevReach } from "../../../../rigs/spi/spidev.js";
import { scriptedTerminal } from "../../support.js";
import type { Log, Plan } from "./kernel.js";

const FOLDER = "/sys/class/gpio";

/** What a bench does, in order. */
export type Step =
  | { readonly do: "open" | "close" | "strap" | "ready" }
  | { readonly do: "select"; readonly selected: boolean }
  | { readonly do: "set"; readonly line: Line; readonly asserted: boolean }
  | { readonly do: "write"; readonly file: string; readonly text: string };

/** A step's answer, or its error. */
interface Answer {
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly advice: string };
  readonly ms: number;
  /** How often the event loop came round in that time. */
  readonly turns: number;
  /** What happened to the lines meanwhile. */
  readonly log: Log;
  /** Files of lines that the process has open after it. */
  readonly open: number;
}

export interface Scene {
  readonly plan: Plan;
  /** A rig file; its serial port is a pseudo-terminal, whatever it says. */
  readonly file: string;
  readonly steps: readonly Step[];
}

export interface Report {
  readonly answers: readonly Answer[];
  readonly told: readonly string[];
  readonly exported: readonly string[];
}

/** An SPI device that takes every setting. */
const SPI: SpidevReach = {
  real: (path) => path,
  load: async () => ({
    open: (_, __, ___, done) => {
      setImmediate(() => done(null));
      const end = (...all: unknown[]) => setImmediate(all.at(-1) as () => void);
      return { setOptions: end, close: end } as unknown as SpiDevice;
    },
  }),
};

/** Plays scenes, one a line of the input, each on a kernel of its own; a report a line. */
async function play({ plan, file, steps }: Scene): Promise<Report> {
  writeFileSync(join(FOLDER, "plan"), JSON.stringify(plan));
  const clock = new SystemClock();
  const pty = openPty();
  const { terminal, told } = scriptedTerminal();
  const bay = hardwareBay(loadRig(file, [`serial.path=${pty.path}`]), clock, { terminal, spi: SPI });
  let rig: Rig | undefined;
  const opened = (): Rig => {
    if (rig === undefined) throw new Error("no rig is open");
    return rig;
  };
  const act = async (step: Step): Promise<unknown> => {
    const deadline = Deadline.in(10_000, "the step", clock);
    switch (step.do) {
      case "open": {
        rig = await bay.open(deadline);
        const { switchesPower, cannotHold, ready } = rig;
        return { switchesPower, cannotHold: cannotHold ?? null, ready: ready !== undefined };
      }
      case "close":
        return rig?.[Symbol.asyncDispose]();
      case "strap":
        return void (await strap(opened(), "rom", deadline));
      case "ready":
        return opened().ready?.read();
      case "select":
        return opened().spi?.select(step.selected, deadline);
      case "set":
        return opened().straps?.set(step.line, step.asserted, deadline);
      case "write":
        return writeFileSync(join(FOLDER, step.file), step.text);
    }
  };
  const answers: Answer[] = [];
  let seen = 0;
  for (const step of steps) {
    const start = clock.now();
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    const result = await act(step).then(
      (value) => ({ value }),
      (error) => {
        const { code, message, advice } = asHarnessError(error);
        return { error: { code, message, advice } };
      },
    );
    clearInterval(turning);
    const log = (JSON.parse(readFileSync(join(FOLDER, "log"), "utf8")) as Log).slice(seen);
    seen += log.length;
    answers.push({ ...result, ms: clock.now() - start, turns, log, open: openFiles() });
  }
  closeSync(pty.slave);
  closeSync(pty.master);
  const exported = readdirSync(FOLDER).filter((name) => /^gpio\d+$/.test(name));
  return { answers, told, exported };
}

/** A descriptor may be gone by the time it is looked at: that of the folder that lists them. */
const openFiles = (): number =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(join(FOLDER, "gpio"));
    } catch {
      return false;
    }
  }).length;

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await play(JSON.parse(line) as Scene))}\n`);
}
