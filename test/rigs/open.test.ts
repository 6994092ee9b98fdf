import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import type { Straps } from "../../harness/base/wire.js";
import { openModule } from "../../harness/recover/open.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { loadRig } from "../../rigs/file/load.js";
import { hardwareBay } from "../../rigs/hardware.js";
import { makeSafe } from "../../rigs/lines/safe.js";
import { clockFor } from "../../rigs/open.js";
import { simulatedBay } from "../../rigs/simulated-bay.js";
import { scratch } from "../support/scratch.js";
import { tick } from "../support/tick.js";
import { rigFile } from "./rig-file.js";
import { BENCH } from "./support.js";

const burst = new Uint8Array(300).fill(0x55);
const OK = Buffer.from("OK");
const soon = (clock: VirtualClock) => Deadline.in(5000, "the test", clock);

function simBay(sets: string[] = []) {
  const config = loadRig("sim", sets);
  const clock = new VirtualClock();
  return { clock, bay: simulatedBay(config, clock) };
}

/** Straps that write down what they are told. */
function listening(set: Straps["set"] = async () => undefined) {
  const heard: string[] = [];
  const straps: Straps = {
    set: (line, asserted, deadline) => {
      heard.push(`${line} ${asserted ? 1 : 0}`);
      return set(line, asserted, deadline);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { heard, straps };
}

test("the simulated rig answers as its file says", async () => {
  const { clock, bay } = simBay(["serial.bootBaud=115200", "module.chipId=40827b037742", "timing.resetMs=7"]);
  expect(bay).toMatchObject({ name: "sim", labels: [], simulated: true });
  await using rig = await bay.open(soon(clock));
  expect(rig).toMatchObject({ name: "sim", clock, bootBaud: 115_200, loadBaud: 2_000_000, chipId: "40827b037742" });
  expect(rig.timing.resetMs).toBe(7);
  await rig.straps?.set("boot", true, soon(clock));
  await rig.straps?.set("chipEn", true, soon(clock));
  await clock.sleep(100);
  await rig.wire.setBaud(500_000, soon(clock));
  await rig.wire.write(burst, soon(clock));
  expect(Buffer.from(await rig.wire.read(soon(clock)))).toEqual(OK);
});

test("the simulated rig has the module's SPI, at its rate, and lets go of CS as it ends", async () => {
  const { clock, bay } = simBay(["spi.speedHz=1000000"]);
  const rig = await bay.open(soon(clock));
  await rig.spi?.select(true, soon(clock));
  const began = clock.now();
  expect(await rig.spi?.transfer(new Uint8Array(100), soon(clock))).toHaveLength(100);
  expect(clock.now() - began).toBeCloseTo(0.8);
  rig.keep();
  await rig[Symbol.asyncDispose]();
  // The boot ROM's pins are not those of SPI: a module that is selected shows 0xFF.
  await using next = await bay.open(soon(clock));
  await next.straps?.set("boot", true, soon(clock));
  await next.straps?.set("chipEn", true, soon(clock));
  await clock.sleep(5);
  expect(await next.spi?.transfer(Uint8Array.of(0), soon(clock))).toEqual(Uint8Array.of(0));
  await next.spi?.select(true, soon(clock));
  expect(await next.spi?.transfer(Uint8Array.of(0), soon(clock))).toEqual(Uint8Array.of(0xff));
  await using bare = await simulatedBay(loadRig(rigFile("name: a\nstraps: { driver: sim }\n")), clock).open(
    soon(clock),
  );
  expect(bare.spi).toBeUndefined();
});

test("a rig ends safe though its body throws and its time is up", async () => {
  const { clock, bay } = simBay();
  const abort = new AbortController();
  const deadline = Deadline.in(1000, "the case", clock, abort.signal);
  const body = async () => {
    await using rig = await bay.open(deadline);
    await rig.straps?.set("boot", true, deadline);
    await rig.straps?.set("chipEn", true, deadline);
    await clock.sleep(2000);
    abort.abort(new HarnessError("ABORTED", "stopped"));
    throw new Error("the body");
  };
  await expect(body()).rejects.toThrow("the body");
  await tick();
  expect(clock.sleeping).toBe(0);
  await using next = await bay.open(soon(clock));
  await next.wire.setBaud(500_000, soon(clock));
  await next.wire.write(burst, soon(clock));
  await expect(next.wire.read(soon(clock).within(1000, "an answer"))).rejects.toMatchObject({
    code: "COMMAND_TIMEOUT",
  });
});

test("a safe state without power: the next rig switches it on before it drives anything", async () => {
  const { clock, bay } = simBay(["safeState.power=off"]);
  for (let time = 0; time < 2; time++) {
    await using rig = await bay.open(soon(clock));
    await expect(openModule(rig, soon(clock))).resolves.toMatchObject({ jedec: { id: "c46016" } });
  }
});

test("a rig that is called off before it opens does not open", async () => {
  const { clock, bay } = simBay();
  const reason = new HarnessError("ABORTED", "stopped");
  await expect(bay.open(Deadline.in(1, "x", clock, AbortSignal.abort(reason)))).rejects.toBe(reason);
});

test("the cases of a bay share one module; nothing flashed leaves no state file", async () => {
  using folder = scratch();
  const state = folder.file("module.img");
  const { clock, bay } = simBay([`sim.state=${state}`, "sim.contents=blank"]);
  const first = await bay.open(soon(clock));
  await first[Symbol.asyncDispose]();
  await (await bay.open(soon(clock)))[Symbol.asyncDispose]();
  expect(existsSync(state)).toBe(false);
});

test("a state file that is none is told when the rig opens", async () => {
  using folder = scratch();
  const state = folder.file("module.img");
  writeFileSync(state, "no module");
  const { clock, bay } = simBay([`sim.state=${state}`]);
  await expect(bay.open(soon(clock))).rejects.toMatchObject({ code: "SIM_STATE_INVALID" });
});

test.each([
  [[], ["chipEn 0", "boot 0", "power 1"]],
  [["safeState={ boot: asserted, chipEn: released, power: off }"], ["chipEn 0", "boot 1", "power 0"]],
  [["safeState.chipEn=asserted"], ["boot 0", "power 1", "chipEn 1"]],
])("the safe state %j", async (sets, expected) => {
  const { heard, straps } = listening();
  await makeSafe(straps, loadRig("sim", sets), new VirtualClock());
  expect(heard).toEqual(expected);
});

test("a line that hangs keeps no other from being tried, and the rig says that it is not safe", async () => {
  const clock = new VirtualClock();
  const { heard, straps } = listening((line) => (line === "boot" ? new Promise(() => undefined) : Promise.resolve()));
  const failure = makeSafe(straps, loadRig("sim"), clock);
  await expect(failure).rejects.toMatchObject({
    code: "RIG_NOT_SAFE",
    message: "sim: expected BOOT released, CHIP_EN released, power on; sim: setting boot took longer than 667 ms",
  });
  expect(heard).toEqual(["chipEn 0", "boot 0", "power 1"]);
  expect(clock.now()).toBeCloseTo(2000 / 3);
});

test("SPI lets go of the module before any line moves, and gets no more time than each of them", async () => {
  const clock = new VirtualClock();
  const { heard, straps } = listening();
  const select = (selected: boolean) => {
    heard.push(`cs ${selected ? 1 : 0}`);
    return new Promise<void>(() => undefined);
  };
  const failure = makeSafe(straps, loadRig("sim"), clock, { select, transfer: async (mosi) => mosi });
  await expect(failure).rejects.toMatchObject({
    code: "RIG_NOT_SAFE",
    message: expect.stringContaining("setting CS took longer than 500 ms"),
  });
  expect(heard).toEqual(["cs 0", "chipEn 0", "boot 0", "power 1"]);
});

test("a bay says whether its rig drives its lines before one is opened", () => {
  const bayOf = (name: string, sets: string[] = []) => hardwareBay(loadRig(name, sets), new VirtualClock());
  expect(bayOf(rigFile(BENCH))).toMatchObject({ name: "pi4-bench-1", simulated: false });
});

test("only a simulated rig may jump in time", () => {
  expect(clockFor(loadRig("sim"))).toBeInstanceOf(VirtualClock);
  expect(clockFor(loadRig(rigFile(BENCH)))).toBeInstanceOf(SystemClock);
  expect(clockFor(loadRig("sim", ["serial.driver=port", "serial.path=/dev/x"]))).toBeInstanceOf(SystemClock);
});
