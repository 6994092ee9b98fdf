import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { scratch } from "../support/scratch.js";
import { type Group, median, ms, PROGRAM, ratio, timeOf } from "./figures.js";

const MOST = 1.3;
/** As many words as a user may type behind our name. */
const COMMANDS = 18;
const RUNS = 15;

/** What it costs to start, against a program that has the same parser, as many commands, and does nothing: in turn. */
export function startUp(): Group {
  using folder = scratch();
  const bare = folder.file("bare.mjs");
  writeFileSync(bare, bareProgram());
  const took: Record<"node" | "bare" | "ours", number[]> = { node: [], bare: [], ours: [] };
  for (let run = 0; run < RUNS; run++) {
    took.node.push(timeOf(["-e", "0"]));
    took.bare.push(timeOf([bare, "--version"]));
    took.ours.push(timeOf([PROGRAM, "--version"]));
  }
  const [bareMs, oursMs] = [median(took.bare), median(took.ours)];
  return {
    title: `start-up: median of ${RUNS}, in turn`,
    rows: [
      ms("node -e 0", median(took.node)),
      ms(`yargs alone, ${COMMANDS} commands, --version`, bareMs),
      ms("st67-hil --version", oursMs),
      ratio("over yargs alone", oursMs / bareMs, MOST),
    ],
  };
}

function bareProgram(): string {
  const of = (name: string) => JSON.stringify(pathToFileURL(createRequire(import.meta.url).resolve(name)).href);
  const commands = Array.from(
    { length: COMMANDS },
    (_, index) =>
      `.command("command${index} [file]", "Does ${index}", async (yargs) => (await import("./c${index}.mjs")).options(yargs),
  async (args) => (await import("./c${index}.mjs")).run(args))`,
  );
  return `import yargs from ${of("yargs")};
import { hideBin } from ${of("yargs/helpers")};
await yargs(hideBin(process.argv)).scriptName("bare").version("0.1.0")${commands.join("\n")}.strict().parseAsync();
`;
}
