import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { Running } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { socketRig, watchdogsGone } from "../support/socket-rig.js";

test("a flash that fails in mid-write: what the module is left with, and the command that begins anew", async () => {
  using folder = scratch();
  writeFileSync(folder.file("data file"), Buffer.alloc(5000, 0x5a));
  const faults = "sim.faults=[{at: {command: flashWrite, nth: 2}, do: silent, count: 99}]";
  const args = ["flash", "--file", folder.file("data file"), "--address", "0x300000", "--compress", "off"];
  const { code, stdout, stderr } = await st67hil([...args, "--set", faults, "--json"]);
  expect(code).toBe(2);
  const { error } = JSON.parse(stdout) as { error: { message: string; advice: string; details: object } };
  expect(error).toMatchObject({
    message: expect.stringContaining(
      "; sectors are erased and 0 % is written (0 of 5000 bytes): data file is not whole",
    ),
    details: { flash: { erase: "sectors", writtenBytes: 0, totalBytes: 5000 } },
  });
  const command = `st67-hil flash --file '${folder.file("data file")}' --address 0x300000 --compress off --set '${faults}'`;
  expect(error.advice).toContain(`The command: ${command} --json`);
  expect(stderr).toContain(error.message);
});

test("Ctrl-C after the erase: exit 130, and it says that there is something to fix", async () => {
  await using bench = await socketRig();
  await using flash = new Running([...bench.flashing(0x80000).args, "--rig", bench.rig]);
  await flash.until(() => /^erase /m.test(flash.stderr));
  flash.signal("SIGINT");
  expect(await flash.ended()).toBe(130);
  expect(flash.stderr).toMatch(
    /error ABORTED \(operator\): interrupted by SIGINT; sectors are erased and \d+ % is written \(\d+ of 524288 bytes\)/,
  );
  expect(flash.stderr).toContain("The command: st67-hil flash --file ");
  expect(flash.stderr).not.toContain("Nothing to fix");
  await watchdogsGone(bench.name);
});
