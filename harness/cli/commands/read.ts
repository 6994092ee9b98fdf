import { createHash } from "node:crypto";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { refuseCollisions } from "../../base/collisions.js";
import { count } from "../../base/count.js";
import { HarnessError } from "../../base/errors.js";
import { refuseUnwritable, writeWhole } from "../../base/files.js";
import { hexNumber } from "../../base/hex.js";
import { targetOf } from "../../base/write-target.js";
import { stayAwake } from "../bench/awake.js";
import { rigPaths } from "../bench/paths.js";
import { atBench, loadBench, moduleName, rigFacts } from "../bench/workbench.js";
import { wholeNumber, withLeave, withRig } from "../options/options.js";
import { withTraceFile } from "../options/trace.js";
import { print, printJson } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  withLeave(withTraceFile(withRig(yargs)), "off")
    .option("start", {
      type: "string",
      default: "0",
      requiresArg: true,
      coerce: wholeNumber("start", 0),
      describe: "First address",
    })
    .option("length", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("length", 1),
      describe: "Bytes; default: to the end of the flash",
    })
    .option("out", { type: "string", demandOption: true, requiresArg: true, describe: "File to write" })
    .option("force", { type: "boolean", default: false, describe: "Write over a file that is there" })
    .example("$0 read --start 0 --length 0x400000 --out dump.bin", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({
  rig,
  set,
  wait,
  trace,
  start = 0,
  length,
  out,
  force,
  json,
  leave,
}: Args): Promise<number> {
  using _ = stayAwake({ rig, wait });
  const bench = await loadBench({ rig, set, wait, trace });
  const [{ openModule }, { isRefusal, onceMore }, { sureJedec }, { readProven }] = await Promise.all([
    import("../../recover/open.js"),
    import("../../recover/trouble.js"),
    import("../../session/session.js"),
    import("../../flash/verify.js"),
  ]);
  const { written, read } = rigPaths(rig, bench.config);
  const outputs = [
    { name: "--out", path: out },
    { name: "--trace", path: trace },
  ];
  refuseCollisions([...outputs, ...written], read);
  refuseUnwritable(out);
  if (!force) refuseOccupied(out);
  return atBench(
    bench,
    { what: "read", json, leave: { asked: leave, usual: "off", worked: "rom" } },
    async ({ rig, deadline, observer }) => {
      const dump = async () => {
        const session = await openModule(rig, deadline, observer);
        const { flashBytes } = await sureJedec(session, deadline);
        const bytes = length ?? flashBytes - start;
        if (bytes <= 0 || start + bytes > flashBytes) {
          const asked = `${hexNumber(start)} and ${hexNumber(Math.max(bytes, 0))} bytes`;
          throw new HarnessError("USAGE", `${asked}: the flash ends at ${hexNumber(flashBytes)}`);
        }
        return { session, ...(await readProven(session, start, bytes, deadline, observer)) };
      };
      const { session, data, proven } = await onceMore(rig.name, deadline, observer, dump, isRefusal);
      const bytes = data.length;
      writeWhole(out, data);
      const sha256 = createHash("sha256").update(data).digest("hex");
      if (json)
        printJson({ ...rigFacts(bench), module: session.info.chipId, start, length: bytes, sha256, proven, file: out });
      else
        print(
          `${bytes} bytes from ${hexNumber(start)} of ${moduleName(bench, session.info.chipId)} are in ${out}${proven ? "" : ", unproven"}: SHA-256 ${sha256}`,
        );
      return 0;
    },
  );
}

/** An earlier dump may be the only copy of what a module held. An empty file, as `mktemp` makes one, holds nothing to lose. */
function refuseOccupied(out: string): void {
  const target = targetOf(out);
  if (target.kind !== "file" || target.found === undefined || target.found.size === 0) return;
  throw new HarnessError(
    "FILE_UNWRITABLE",
    `--out ${out}: there is a file already, of ${count(target.found.size, "byte")}`,
    {
      advice: "Name another file, or write over it with --force.",
    },
  );
}
