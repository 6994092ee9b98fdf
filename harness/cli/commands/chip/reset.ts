import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Deadline } from "../../../base/time.js";
import type { Rig } from "../../../base/wire.js";
import { type Found, tellFound } from "../../bench/found.js";
import { withLeave, withRig } from "../../options/options.js";
import { withTraceFile } from "../../options/trace.js";

export const options = (yargs: Argv) =>
  withLeave(withTraceFile(withRig(yargs)), "run").example(
    "$0 chip reset --rig bench-1.yaml",
    "A normal boot, not waited for",
  );

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export const run = (args: Args): Promise<number> =>
  tellFound(args, { what: "chip reset", leave: { asked: args.leave, usual: "run", worked: "run" } }, reset);

async function reset(rig: Rig, deadline: Deadline): Promise<Found> {
  const { strap } = await import("../../../session/strap.js");
  await strap(rig, "application", deadline);
  return { lines: ["the module was reset with BOOT released"], document: { reset: true } };
}
