import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { basename } from "node:path";
import { expect, test } from "@jest/globals";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import type { Wire } from "../../harness/base/wire.js";
import { openSerial } from "../../rigs/serial/serial.js";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";
import { rigOver, SimProcess } from "../support/sim.js";

const clock = new SystemClock();
const soon = (ms = 60_000) => Deadline.in(ms, "the test", clock);
const BOOT_INFO = Buffer.from("10000000", "hex");
const CLOCK_SET_2M = Buffer.from("222b08000100000080841e00", "hex");
const BURST = new Uint8Array(300).fill(0x55);

const thereIs = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

async function listen(wire: Wire, ms: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (const deadline = soon(ms); deadline.remainingMs > 0; ) {
    await wire.read(deadline).then(
      (bytes) => pieces.push(bytes),
      () => undefined,
    );
  }
  return Buffer.concat(pieces);
}

/** All that comes until `enough` of it is there. */
async function hear(wire: Wire, enough: (heard: Buffer) => boolean): Promise<Buffer> {
  let heard = Buffer.alloc(0);
  while (!enough(heard)) heard = Buffer.concat([heard, await wire.read(soon())]);
  return heard;
}

/** The answer to `bytes`, which is so long. */
async function ask(wire: Wire, bytes: Uint8Array, length = 2): Promise<Buffer> {
  await wire.write(bytes, soon());
  return hear(wire, (heard) => heard.length >= length);
}

/** Sends one order to the control socket. */
const order = (path: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(`${text}\n`));
    socket.on("data", (answer) => {
      socket.destroy();
      resolve(String(answer).trim());
    });
    socket.on("error", reject);
  });

test.each([[], ["--pace"]])(
  "one process flashes another over a port; the bytes are in the state %s",
  async (...more) => {
    using folder = scratch();
    await using sim = await SimProcess.start(folder, more);
    expect(sim.stdout).toMatch(new RegExp(`^${folder.file("port")} -> /dev/pts/\\d+\n$`));
    const rig = rigOver(folder);
    const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => (index * 7) % 251);
    writeFileSync(folder.file("data"), bytes);
    const flash = await st67hil(["flash", "--rig", rig, "--file", folder.file("data"), "--address", "0x378000"]);
    expect(flash).toMatchObject({ code: 0 });
    while (!existsSync(folder.file("state"))) await clock.sleep(20);
    expect(readFileSync(folder.file("state")).subarray(0x378000, 0x378000 + bytes.length)).toEqual(Buffer.from(bytes));
    const info = await st67hil(["chip", "info", "--rig", rig, "--json"]);
    expect(info).toMatchObject({ code: 0, stdout: expect.stringContaining("40827b037742") });
    expect(await order(folder.file("lines"), "?")).toMatch(/^boot 0 en [01] power 1$/);
    sim.signal("SIGTERM");
    expect(await sim.ended()).toEqual({ code: 143, signal: null });
    expect(readdirSync(folder.path).sort()).toEqual(["data", basename(rig), "state"]);
  },
);

test.each([
  ["SIGINT", 130],
  ["SIGHUP", 129],
  ["SIGQUIT", 131],
  ["SIGUSR2", 140],
] as const)("%s: the link and the socket are gone", async (signal, code) => {
  using folder = scratch();
  await using sim = await SimProcess.start(folder);
  sim.signal(signal);
  expect(await sim.ended()).toEqual({ code, signal: null });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a second signal at once: nothing stays behind either", async () => {
  using folder = scratch();
  await using sim = await SimProcess.start(folder);
  sim.signal("SIGTERM");
  sim.signal("SIGINT");
  await sim.ended();
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a live module keeps its link; what a killed one leaves behind is replaced", async () => {
  using folder = scratch();
  await using first = await SimProcess.start(folder);
  const port = readlinkSync(folder.file("port"));
  const intruder = await st67hil(["sim", "--link", folder.file("port")]);
  expect(intruder).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("FILE_UNWRITABLE") });
  expect(readlinkSync(folder.file("port"))).toBe(port);
  first.signal("SIGKILL");
  await first.ended();
  expect(thereIs(folder.file("port"))).toBe(true);
  expect(thereIs(folder.file("lines"))).toBe(true);
  await using second = await SimProcess.start(folder, ["--json"]);
  expect(JSON.parse(second.stdout)).toEqual({
    link: folder.file("port"),
    pty: readlinkSync(folder.file("port")),
    control: folder.file("lines"),
  });
  expect(await order(folder.file("lines"), "?")).toBe("boot 0 en 1 power 1");
});

test("a file where the link should be is refused, and no socket stays", async () => {
  using folder = scratch();
  writeFileSync(folder.file("port"), "keep me");
  await using sim = await SimProcess.start(folder);
  expect(await sim.ended()).toMatchObject({ code: 2 });
  expect(sim.stderr).toContain("FILE_UNWRITABLE");
  expect(readdirSync(folder.path)).toEqual(["port"]);
});

test("a client at another rate is measured by a burst, and otherwise understood as little as on a line", async () => {
  using folder = scratch();
  await using _ = await SimProcess.start(folder);
  await using wire = await openSerial({ path: folder.file("port"), baud: 230_400 }, soon());
  expect((await ask(wire, BURST)).toString()).toBe("OK");
  // What comes within a millisecond of the OK is swallowed, as by the ROM: every host waits longer.
  await clock.sleep(30);
  expect((await ask(wire, BOOT_INFO, 32)).toString("hex")).toMatch(/^4f4b1c00.{56}$/);
  expect((await ask(wire, CLOCK_SET_2M)).toString()).toBe("OK");
  await wire.write(BOOT_INFO, soon());
  const wrong = await listen(wire, 200);
  expect(wrong.includes("OK")).toBe(false);
  await wire.setBaud(2_000_000, soon());
  await order(folder.file("lines"), "en 0");
  await order(folder.file("lines"), "en 1");
  await hear(wire, (heard) => heard.includes("component_version_sdk_2.0.75"));
});

test("standard input: orders, mistakes told, and its end changes nothing", async () => {
  using folder = scratch();
  await using sim = await SimProcess.start(folder, ["--start", "off"]);
  await using wire = await openSerial({ path: folder.file("port"), baud: 500_000 }, soon());
  await wire.write(BURST, soon());
  expect(await listen(wire, 100)).toHaveLength(0);
  sim.type("boot 1\nen 1\nboot up\n");
  while (!sim.stderr.includes("boot up")) await clock.sleep(5);
  expect(sim.stderr).toBe('error expected boot, en or power with 0 or 1, or ?; got "boot up"\n');
  sim.closeInput();
  await clock.sleep(100);
  expect((await ask(wire, BURST)).toString()).toBe("OK");
  expect(await order(folder.file("lines"), "?")).toBe("boot 1 en 1 power 1");
});

test("an option of the module that is wrong is told before anything is made", async () => {
  using folder = scratch();
  await using sim = await SimProcess.start(folder, ["--set", "sim.link.maxBaud=fast"]);
  expect(await sim.ended()).toMatchObject({ code: 2 });
  expect(sim.stderr).toContain("sim.link.maxBaud");
  expect(readdirSync(folder.path)).toEqual([]);
});
