import type { Argv } from "yargs";

/** One file a command: its options, an example, and what it does. @returns the exit code. */
interface Command {
  readonly options: (yargs: Argv) => Argv;
  readonly run: (args: never) => Promise<number>;
}

/** A command, or a word with commands of its own. Loaded when used: `--version` and `--help` need none of what a flash needs. */
export type Row = readonly [
  command: string,
  describe: string,
  does: (() => Promise<Command>) | readonly Row[],
  examples?: readonly (readonly [line: string, what: string])[],
];

const COMMANDS: readonly Row[] = [
  ["run [pattern..]", "Run scenarios on a rig; leaves events.jsonl and junit.xml", () => import("./commands/run.js")],
  ["list [pattern..]", "List the cases that a run with the same options would run", () => import("./commands/list.js")],
  [
    "stress <scenario>",
    "Cycles of one scenario, until a statistical test accepts or rejects the module",
    () => import("./commands/stress.js"),
  ],
  ["ab", "Two firmwares in turn on one rig: is one of them slower?", () => import("./commands/ab.js")],
  [
    "sweep",
    "Map which strap timings lead into the boot ROM, with margins around the rig's own",
    () => import("./commands/sweep.js"),
  ],
  ["flash", "Program a firmware, verify it and prove that it boots", () => import("./commands/flash.js")],
  ["verify", "Compare a firmware with what is on the module", () => import("./commands/verify.js")],
  ["erase", "Erase the whole chip or a range, and prove it blank", () => import("./commands/erase.js")],
  [
    "chip",
    "Identity and lock state, boot, reset, boot ROM, AT",
    [
      ["info", "Identity, lock state, flash and fuses", () => import("./commands/chip/info.js")],
      ["boot", "Boot the firmware and tell its banner", () => import("./commands/chip/boot.js")],
      ["reset", "Boot the firmware without waiting for it", () => import("./commands/chip/reset.js")],
      ["enter", "Put the module into its boot ROM", () => import("./commands/chip/enter.js")],
      ["at [command..]", "AT over SPI with the running firmware", () => import("./commands/chip/at.js")],
    ],
    [["chip info --rig bench-1.yaml", "What module that is"]],
  ],
  ["read", "Read a range of flash into a file", () => import("./commands/read.js")],
  ["doctor", "Check a rig without driving, resetting or flashing anything", () => import("./commands/doctor.js")],
  [
    "diagnose <file>",
    "Read a log of the vendor's tool, or a trace: where it failed, and why",
    () => import("./commands/diagnose.js"),
  ],
  [
    "sim",
    "A simulated module behind a serial port of this machine, for any program",
    () => import("./commands/sim.js"),
  ],
  [
    "trace",
    "Show, compare, replay or draw what went over the wire",
    [
      ["show <file>", "Tell commands, answers, lines and silence", () => import("./commands/trace/show.js")],
      ["replay <file>", "Hold a trace against our session or simulator", () => import("./commands/trace/replay.js")],
      ["diff <a> <b>", "Where two traces part", () => import("./commands/trace/diff.js")],
      ["vcd <file>", "Lines and bits for a viewer of waveforms", () => import("./commands/trace/vcd.js")],
      ["perfetto <file>", "Cases, stages and commands on a time line", () => import("./commands/trace/perfetto.js")],
    ],
    [["trace show t01.jsonl", "What a flash said and heard"]],
  ],
  [
    "report <run>",
    "Write the reports of a run again, from its events.jsonl; report merge joins runs",
    () => import("./commands/report.js"),
  ],
  [
    "report",
    "Join runs",
    [
      [
        "merge <runs..>",
        "Join shards, or runs of several rigs, into one run",
        () => import("./commands/report/merge.js"),
      ],
    ],
  ],
  ["history", "Past runs, newest first; history trend, history rebuild", () => import("./commands/history/list.js")],
  [
    "history",
    "Past runs",
    [
      ["trend <stage>", "What a stage took, run by run", () => import("./commands/history/trend.js")],
      ["rebuild", "Make the history anew from the runs beside it", () => import("./commands/history/rebuild.js")],
    ],
  ],
  ["compare <a> <b>", "Hold a run against one before it", () => import("./commands/compare.js")],
  [
    "firmware",
    "Look into firmware packages, or write one",
    [
      ["inspect <path>", "Tell what is in a package or a file", () => import("./commands/firmware/inspect.js")],
      ["lint <path>", "Tell what is wrong with a package or a file", () => import("./commands/firmware/lint.js")],
      ["synth <folder>", "Write a synthetic package", () => import("./commands/firmware/synth.js")],
    ],
    [["firmware lint NCP_Binaries", "Before any module is touched"]],
  ],
  [
    "rig",
    "Make a rig file, make a rig safe, or have systemd run it",
    [
      ["new <file>", "Write a commented rig file, by question and answer", () => import("./commands/rig/new.js")],
      ["readmit", "Test a rig that a run has retired, and take it back", () => import("./commands/rig/readmit.js")],
      ["safe", "Put a rig's lines into its safe state", () => import("./commands/rig/safe.js")],
      [
        "install-units",
        "systemd units: safe lines at boot, a run every night",
        () => import("./commands/rig/install-units.js"),
      ],
    ],
    [["rig new bench-1.yaml", "A rig of your own"]],
  ],
  [
    "farm",
    "Many rigs, one queue: agents that take jobs from Redis, and runs over all of them",
    [
      ["work", "Work the rigs of this machine, until it is ended", () => import("./commands/farm/work.js")],
      [
        "run [pattern..]",
        "Run scenarios on the rigs of the farm, as `run` does",
        () => import("./commands/farm/run.js"),
      ],
      ["attach <run>", "Go on with a run, and write it down", () => import("./commands/farm/attach.js")],
      ["cancel <run>", "Call a run off", () => import("./commands/farm/cancel.js")],
      ["status", "Rigs, what they do, and what waits", () => import("./commands/farm/status.js")],
    ],
    [["farm status --redis redis://farm:6379", "What the farm is about"]],
  ],
  [
    "completion [shell]",
    "Completion of commands and options, for bash and zsh",
    () => import("./commands/completion.js"),
  ],
];

/**
 * The rows that `argv` may mean. A word that is a command by itself and has commands of its own has two of them, of which
 * yargs can have one at a time: the word behind it decides.
 *
 * @param isTyped the last word is still being typed: a beginning of one will do, but where something else may stand there
 * an empty one is none.
 */
export function rowsFor(argv: readonly string[], isTyped = false, rows = COMMANDS): readonly Row[] {
  const wordOf = ([command]: Row) => command.split(" ", 1)[0] ?? "";
  return rows.filter((row) => {
    const twins = rows.filter((other) => wordOf(other) === wordOf(row));
    if (twins.length === 1) return true;
    const at = argv.indexOf(wordOf(row)) + 1;
    const next = argv[at] ?? "";
    const within = twins.flatMap(([, , does]) => (typeof does === "function" ? [] : does));
    const isBegun =
      isTyped && at === argv.length - 1 && (next !== "" || twins.every(([command]) => !/[<[]/.test(command)));
    const isMeant = within.some((each) => (isBegun ? wordOf(each).startsWith(next) : wordOf(each) === next));
    return (typeof row[2] === "function") !== isMeant;
  });
}
