import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Deadline } from "../../../base/time.js";
import type { Rig } from "../../../base/wire.js";
import type { Observer } from "../../../session/stage.js";
import { type Found, tellFound } from "../../bench/found.js";
import { withLeave, withRig } from "../../options/options.js";
import { withTraceFile } from "../../options/trace.js";

export const options = (yargs: Argv) =>
  withLeave(withTraceFile(withRig(yargs)), "run").example("$0 chip boot --rig bench-1.yaml --json", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export const run = (args: Args): Promise<number> =>
  tellFound(args, { what: "chip boot", leave: { asked: args.leave, usual: "run", worked: "run" } }, boot);

async function boot(rig: Rig, deadline: Deadline, observer: Observer): Promise<Found> {
  const [{ bootModule }, { toldBy }] = await Promise.all([
    import("../../../recover/boot.js"),
    import("../../../session/boot.js"),
  ]);
  const boot = await bootModule(rig, undefined, undefined, deadline, observer);
  if (!boot.proven) return { lines: [`the boot is unproven: ${boot.reason}`], document: boot };
  if (boot.banner === undefined) {
    const { at, readyMs = 0 } = boot;
    const what = at === undefined ? "something boots" : `${at.profile}@${at.version} boots, and answers AT`;
    return { lines: [`${what}: SPI_RDY rose in ${Math.round(readyMs)} ms`], document: boot };
  }
  const { ms, text } = boot.banner;
  return {
    lines: [text.trimEnd(), `boots in ${Math.round(ms)} ms: ${toldBy(boot.banner)}`],
    document: boot,
  };
}
