import type { ArgumentsCamelCase, Argv } from "yargs";
import { leaveOption, withRig } from "./options.js";
import { print, printJson } from "./output.js";
import { atBench, loadBench } from "./workbench.js";

export const options = (yargs: Argv) =>
  withRig(yargs)
    .option("leave", leaveOption("boot and reset: run; enter: rom; info: off"))
    .positional("action", {
      type: "string",
      choices: ["info", "boot", "reset", "enter"] as const,
      demandOption: true,
      describe:
        "info: identity, lock state, fuses; boot: normal boot with its banner; reset: the same without waiting; enter: into the boot ROM",
    })
    .example("$0 chip info", "")
    .example("$0 chip boot --json", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ rig, set, wait, action, json, leave }: Args): Promise<number> {
  const bench = await loadBench({ rig, set, wait });
  const work = await WORK[action]();
  return atBench(
    bench,
    { what: `chip ${action}`, json, leave: { asked: leave, usual: USUAL[action], worked: WORKED[action] } },
    async ({ rig, deadline, observer }) => {
      const { lines, document } = await work(rig, deadline, observer);
      if (json) printJson(document);
      else for (const line of lines) print(line);
      return 0;
    },
  );
}

const WORKED = { info: "rom", boot: "run", reset: "run", enter: "rom" } as const;
const USUAL = { info: "off", boot: "run", reset: "run", enter: "rom" } as const;

const WORK = {
  info: async () => (await import("./chip-info.js")).chipInfo,
  boot: async () => (await import("./chip-boot.js")).chipBoot,
  reset: async () => (await import("./chip-boot.js")).chipReset,
  enter: async () => (await import("./chip-boot.js")).chipEnter,
} as const;
