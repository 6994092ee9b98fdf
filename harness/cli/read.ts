import { createHash } from "node:crypto";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import { wholeNumber, withLeave, withRig } from "./options.js";
import { print, printJson } from "./output.js";
import { atBench, loadBench } from "./workbench.js";

export const options = (yargs: Argv) =>
  withLeave(withRig(yargs), "off")
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
    .example("$0 read --start 0 --length 0x400000 --out dump.bin", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ rig, set, wait, start = 0, length, out, json, leave }: Args): Promise<number> {
  const bench = await loadBench({ rig, set, wait });
  const [{ openModule }, { readFlash }, { refuseUnwritable, writeWhole }] = await Promise.all([
    import("../recover/open.js"),
    import("../flash/read.js"),
    import("../base/files.js"),
  ]);
  refuseUnwritable(out);
  return atBench(
    bench,
    { what: "read", json, leave: { asked: leave, usual: "off", worked: "rom" } },
    async ({ rig, deadline, observer }) => {
      const session = await openModule(rig, deadline, observer);
      const { flashBytes } = session.jedec;
      const bytes = length ?? flashBytes - start;
      if (bytes <= 0 || start + bytes > flashBytes) {
        throw new HarnessError(
          "USAGE",
          `${hexNumber(start)} and ${hexNumber(Math.max(bytes, 0))} bytes: the flash ends at ${hexNumber(flashBytes)}`,
        );
      }
      const data = await readFlash(session, start, bytes, deadline, observer);
      writeWhole(out, data);
      const sha256 = createHash("sha256").update(data).digest("hex");
      if (json) printJson({ module: session.info.chipId, start, length: bytes, sha256, file: out });
      else print(`${bytes} bytes from ${hexNumber(start)} are in ${out}: SHA-256 ${sha256}`);
      return 0;
    },
  );
}
