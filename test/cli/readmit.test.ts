import { writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { bookRun } from "../../harness/history/book.js";
import { storyOfNight } from "../history/support.js";
import { fault } from "../reports/support.js";
import { inProcess } from "../support/in-process.js";
import { type Scratch, scratch } from "../support/scratch.js";

const RIG = "name: NAME\nstraps: { driver: sim }\n";
const REFERENCE = "reference: { profile: t02, fwVersion: 2.0.106 }\n";

describe("rig readmit", () => {
  const NAME = `retired-${process.pid}`;
  const retire = async (folder: Scratch) => {
    const stuck = { ...fault("BOOT is stuck"), code: "RIG_NOT_SAFE" as const };
    const story = storyOfNight([], { rigs: [NAME], facts: [{ type: "rig.retired", rig: NAME, fault: stuck }] });
    await bookRun(folder.file("out/history.sqlite"), story, { folder: "out/run-1", exitCode: 2 });
  };
  const put = (folder: Scratch, more: string) => writeFileSync(folder.file("r.yaml"), RIG.replace("NAME", NAME) + more);
  const readmit = (folder: Scratch, ...more: string[]) =>
    inProcess(["rig", "readmit", "--rig", "r.yaml", ...more], { cwd: folder.path });
  const retired = async (folder: Scratch) => {
    const { stdout } = await inProcess(["history", "--json"], { cwd: folder.path });
    return JSON.parse(stdout).retired.length;
  };

  test("tests the rig, flashes the reference firmware, boots it, and takes the rig back", async () => {
    using folder = scratch();
    await retire(folder);
    put(folder, REFERENCE);
    const ended = await readmit(folder);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(/readmitted: t02@2.0.106 is on simulated module 40827b037742, verified, and boots\n$/);
    expect(await retired(folder)).toBe(0);
    expect(await readmit(folder)).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to do") });
  });

  test.each<[string, string, string[], number, string]>([
    ["without a reference firmware", "", [], 2, "expected reference: { profile, fwVersion }, got none"],
    ["with a reference that the package lacks", REFERENCE.replace("106", "999"), [], 2, "FIRMWARE_NOT_FOUND"],
    [
      "whose module does not answer",
      `${REFERENCE}sim: { wiring: { txRx: open } }\n`,
      [],
      2,
      "not readmitted: a check has failed",
    ],
    [
      "whose flash fails",
      `${REFERENCE}sim: { faults: [{ at: { command: flashWrite, nth: 1 }, do: { refuse: 2 }, count: 99 }, { at: { command: flashDecompressWrite, nth: 1 }, do: { refuse: 2 }, count: 99 }] }\n`,
      [],
      1,
      "COMMAND_REFUSED",
    ],
    ["in a history that there is not", REFERENCE, ["--history", "none.sqlite"], 2, "got nothing"],
  ])("a rig %s stays retired", async (_, more, args, code, message) => {
    using folder = scratch();
    await retire(folder);
    put(folder, more);
    const ended = await readmit(folder, ...args);
    expect({ code: ended.code, out: ended.stdout + ended.stderr }).toEqual({
      code,
      out: expect.stringContaining(message),
    });
    expect(await retired(folder)).toBe(1);
  });
});
