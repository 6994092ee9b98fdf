import type { ArgumentsCamelCase, Argv } from "yargs";
import { count } from "../../../base/count.js";
import { HarnessError } from "../../../base/errors.js";
import { SIM } from "../../options/options.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";
import { print, printJson } from "../../terminal/output.js";
import { traceFile } from "../../trace/file.js";
import type { Replayed } from "../../trace/replay.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("file", traceFile)
    .option("to", {
      type: "string",
      choices: ["host", "sim"] as const,
      default: "host" as const,
      requiresArg: true,
      describe: "Give the module's side to our own session, or the host's side to a simulated module",
    })
    .option("rig", {
      type: "string",
      requiresArg: true,
      describe: "Rig file whose simulated module it is; with --to sim",
    })
    .option("set", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "Override a field of the rig file: path=value; with --to sim",
    })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 trace replay t01.jsonl", "Whether our session still sends the same bytes")
    .example(
      "$0 trace replay t01.jsonl --to sim --set sim.contents=blank",
      "Whether the simulator answers as that module",
    );

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ file, to, rig, set, json }: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    if (to === "host" && (rig ?? set) !== undefined)
      throw new HarnessError("USAGE", `--${rig === undefined ? "set" : "rig"} does not go without --to sim`);
    const { readTrace } = await import("../../../trace/read.js");
    const trace = readTrace(file);
    const replayed = await replay();
    const { commands, bursts, boots } = replayed;
    if (commands + bursts + boots === 0)
      throw new HarnessError("TRACE_UNREADABLE", `${file}: it holds nothing to replay, and nothing was compared`);
    const { isCut } = trace;
    if (json) printJson({ to, ...replayed, isCut });
    else print(`${told(to, replayed)}${isCut ? "; the trace is cut off there" : ""}`);
    return 0;

    async function replay(): Promise<Replayed> {
      if (to === "host") return (await import("../../trace/replay-host.js")).replayHost(trace, interrupt.signal);
      const [{ replaySim }, { loadRig }] = await Promise.all([
        import("../../trace/replay-sim.js"),
        import("../../../../rigs/file/load.js"),
      ]);
      return replaySim(trace, loadRig(rig ?? SIM, set ?? []), interrupt.signal);
    }
  } catch (error) {
    return reportEnd(interrupt, error, json);
  }
}

function told(to: "host" | "sim", { commands, bursts, passedOver, boots }: Replayed): string {
  const all = `${count(commands, "command")}, ${count(bursts, "burst")}, ${count(boots, "boot")}`;
  if (to === "sim") return `${all}: the simulated module answers as recorded`;
  const others = passedOver === 0 ? "" : `; not sent again: ${count(passedOver, "other write")}`;
  return `${all}: our session sends each byte as recorded${others}`;
}
