import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Lock, stateFile, thisProcess } from "../../rigs/guard/lock.js";
import { st67hil } from "../support/cli.js";
import { Running } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { SimProcess } from "../support/sim.js";
import { controlTap, HELD, SAFE, socketRig } from "../support/socket-rig.js";

/** A scenario's body: holds the rig until there is a file, and then still finds the module in its boot ROM. */
const heldUntil = (go: string): string =>
  `${HELD} while (!existsSync(${JSON.stringify(go)})) await deadline.sleep(20); await openSession();`;

test("two commands on one rig: the second one is refused with who drives it, and disturbs nothing", async () => {
  await using bench = await socketRig();
  const go = bench.folder.file("go");
  await using first = new Running([...bench.running(heldUntil(go)), "--rig", bench.rig]);
  await first.until(() => bench.isHeld());
  const other = bench.rigFile({ name: `${bench.name}-by-another-name` });
  const byName = await st67hil(["chip", "info", "--json", "--rig", bench.rig]);
  expect(byName.code).toBe(2);
  const who = `pid ${first.pid} since 20\\S+Z: st67-hil run `;
  expect(byName.stderr).toMatch(new RegExp(`error RIG_BUSY \\(rig\\): ${bench.name} is in use by ${who}`));
  expect(JSON.parse(byName.stdout)).toMatchObject({ error: { code: "RIG_BUSY", details: { pid: first.pid } } });
  const byPort = await st67hil(["chip", "boot", "--rig", other]);
  expect(byPort.code).toBe(2);
  expect(byPort.stderr).toMatch(new RegExp(`: its port /dev/pts/\\d+ is in use by ${who}`));
  expect(await bench.levels()).toBe("boot 0 en 1 power 1");
  writeFileSync(go, "");
  expect({ code: await first.ended(), out: first.stdout }).toMatchObject({ code: 0 });
  expect(await bench.levels()).toBe(SAFE);
});

test("--wait: the second one says once for whom, then both have done their work, one after the other", async () => {
  await using bench = await socketRig();
  const tapPath = bench.folder.file("tap");
  await using tap = await controlTap(tapPath, bench.folder.file("lines"));
  const rig = bench.rigFile({ name: `${bench.name}-tapped`, straps: `{ driver: socket, path: ${tapPath} }` });
  const go = bench.folder.file("go");
  await using first = new Running([...bench.running(heldUntil(go)), "--rig", rig]);
  await first.until(() => bench.isHeld());
  const { args } = bench.flashing(0x4000);
  await using second = new Running([...args, "--rig", rig, "--wait"]);
  await second.until(() => second.stderr.includes("waiting: "));
  writeFileSync(go, "");
  expect([await first.ended(), await second.ended()]).toEqual([0, 0]);
  expect(second.stderr.split("\n").filter((line) => line.startsWith("waiting: "))).toEqual([
    expect.stringContaining(`is in use by pid ${first.pid} since`),
  ]);
  expect(tap.visits).toHaveLength(2);
  expect(tap.visits[1]?.from).toBeGreaterThanOrEqual(tap.visits[0]?.to ?? Number.POSITIVE_INFINITY);
  const beginnings = tap.visits.map(({ orders }) => orders.slice(0, 4));
  expect(beginnings).toEqual(tap.visits.map(() => ["power 1", "boot 1", "en 0", "en 1"]));
  await expect(st67hil(["verify", ...args.slice(1, 5), "--rig", bench.rig])).resolves.toMatchObject({ code: 0 });
});

test("--wait ends with Ctrl-C: exit 130, and no folder of a run was made", async () => {
  await using bench = await socketRig();
  await using first = new Running([...bench.running(`${HELD} await new Promise(() => {});`), "--rig", bench.rig]);
  await first.until(() => bench.isHeld());
  const out = bench.folder.file("second");
  await using second = new Running([...bench.running(HELD, out), "--rig", bench.rig, "--wait"]);
  await second.until(() => second.stderr.includes("waiting: "));
  second.signal("SIGINT");
  expect(await second.ended()).toBe(130);
  expect(existsSync(out)).toBe(false);
  first.signal("SIGINT");
  expect(await first.ended()).toBe(130);
});

test("two processes on one state file of a simulated module work one after the other", async () => {
  using folder = scratch();
  const rig = ["--wait", "--leave", "off", "--set", `sim.state=${folder.file("m.img")}`];
  const writes = ["0x300000", "0x340000"].map((address) => {
    writeFileSync(folder.file(address), address.repeat(1000));
    return ["--file", folder.file(address), "--address", address];
  });
  const both = await Promise.all(writes.map((write) => st67hil(["flash", ...write, ...rig])));
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  for (const write of writes) await expect(st67hil(["verify", ...write, ...rig])).resolves.toMatchObject({ code: 0 });
});

test("a state file that somebody else uses: refused, and named", async () => {
  using folder = scratch();
  using _ = Lock.try([stateFile(folder.file("m.img"))], thisProcess()) as Lock;
  const { code, stderr } = await st67hil(["chip", "info", "--set", `sim.state=${folder.file("m.img")}`]);
  expect(code).toBe(2);
  expect(stderr).toContain(
    `RIG_BUSY (rig): sim: its state file ${folder.file("m.img")} is in use by pid ${process.pid}`,
  );
});

test("a module behind a port keeps its state file to itself; once it is killed, the next one has it", async () => {
  using folder = scratch();
  await using first = await SimProcess.start(folder);
  const { code, stderr } = await st67hil(["sim", "--link", folder.file("other"), "--state", folder.file("state")]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/RIG_BUSY.*its state file \S+\/state is in use by pid \d+ since \S+: st67-hil sim/);
  first.signal("SIGKILL");
  await first.ended();
  await using second = await SimProcess.start(folder);
  expect(second.stdout).toContain(" -> /dev/pts/");
});
