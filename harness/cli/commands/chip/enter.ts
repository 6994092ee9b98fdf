import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Deadline } from "../../../base/time.js";
import type { Rig } from "../../../base/wire.js";
import { type Found, tellFound } from "../../bench/found.js";
import { leaveOption, withRig } from "../../options/options.js";
import { withTraceFile } from "../../options/trace.js";

export const options = (yargs: Argv) =>
  withTraceFile(withRig(yargs))
    .option("leave", leaveOption("rom"))
    .example("$0 chip enter --rig bench-1.yaml", "For a program that finds its own way on from there");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export const run = (args: Args): Promise<number> =>
  tellFound(args, { what: "chip enter", leave: { asked: args.leave, usual: "rom", worked: "rom" } }, enter);

async function enter(rig: Rig, deadline: Deadline): Promise<Found> {
  const [{ enterRom }, { identify }] = await Promise.all([
    import("../../../session/handshake.js"),
    import("../../../session/session.js"),
  ]);
  const info = await identify(rig, await enterRom(rig, deadline), deadline);
  return { lines: [`module ${info.chipId} is in its boot ROM`], document: { module: info.chipId } };
}
