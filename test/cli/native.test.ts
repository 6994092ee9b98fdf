import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

/** What the kernel says of a process as it ends: what it has mapped, its open files, its children. */
const WITNESS = `
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
const target = (fd) => { try { return readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } };
process.on("exit", () => {
  const mapped = [...new Set(readFileSync("/proc/self/maps", "utf8").match(/\\/\\S+\\.(node|so)\\S*/g))];
  const children = readFileSync("/proc/self/task/" + process.pid + "/children", "utf8").trim();
  const files = readdirSync("/proc/self/fd").map(target);
  writeFileSync(process.env.WITNESS_FILE, JSON.stringify({ mapped, children, files }));
});`;

async function witnessed(args: readonly string[]) {
  using folder = scratch();
  writeFileSync(folder.file("witness.mjs"), WITNESS);
  const env = { NODE_OPTIONS: `--import=${folder.file("witness.mjs")}`, WITNESS_FILE: folder.file("seen.json") };
  const { code } = await st67hil([...args, ...(args[0] === "run" ? ["--out", folder.file("run")] : [])], { env });
  const seen: { mapped: string[]; children: string; files: string[] } = JSON.parse(
    readFileSync(folder.file("seen.json"), "utf8"),
  );
  return {
    code,
    addons: seen.mapped
      .filter((path) => path.endsWith(".node"))
      .map((path) => path.replace(/^.*\/(@libsql)\/.*/, "$1").replace(/^.*\//, "")),
    xz: seen.mapped.some((path) => path.includes("liblzma")),
    children: seen.children,
    odd: seen.files.filter((path) => /st67-hil\/|ptmx|\/dev\/pts\/ptmx|\.lock$/.test(path)),
  };
}

const NOTHING = { code: 0, children: "", odd: [] };

test.each([[["run", "--dry-run"]], [["list"]], [["chip", "boot"]], [["erase", "--whole-chip"]]])(
  "%j on the simulated module loads nothing native, takes no lock and starts nobody",
  async (args) => {
    expect(await witnessed(args)).toEqual({ ...NOTHING, addons: [], xz: false });
  },
);

// A run has its work done by lanes: whatever they load, the one that judges loads none of it. It alone books the run, once
// all is over, or asks a history that is there: SQLite is all that is allowed.
test("a run on the simulated module loads SQLite, to book itself, and nothing else native", async () => {
  expect(await witnessed(["run"])).toEqual({ ...NOTHING, addons: ["@libsql"], xz: false });
});

test.each([[["flash", "--profile", "t01", "--fw-version", "2.0.106"]]])(
  "%j loads koffi for xz, and nothing else",
  async (args) => {
    expect(await witnessed(args)).toEqual({ ...NOTHING, addons: ["koffi.node"], xz: true });
  },
);

test("the witness sees what is loaded: the lock of a state file", async () => {
  using folder = scratch();
  const seen = await witnessed(["chip", "info", "--set", `sim.state=${folder.file("m.img")}`]);
  expect(seen).toMatchObject({ code: 0, addons: ["koffi.node"], xz: false, children: "" });
});
