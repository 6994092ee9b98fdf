import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../../../harness/base/errors.js";
import { GpioDevice } from "../../../harness/native/gpio.js";
import { resourcesOf, thisProcess } from "../../../rigs/guard/lock.js";
import { rescue } from "../../../rigs/guard/rescue.js";
import { hardwareBay } from "../../../rigs/hardware.js";
import { BCM, type Bench, type Driver, emptyPort, rigConfig, soon } from "./bench.js";

/** Another program that has a line. */
const STRANGER = "fan-control";
/** How long one who dies keeps a line. */
const HELD_MS = 200;

/** A line of a rig file that is refused, and what the refusal names. */
interface Refused {
  readonly boot?: object;
  readonly code: string;
  readonly names: readonly string[];
}

/** A machine without the chip of a Raspberry Pi: a BCM number means nothing there, and no other chip is taken for it. */
export async function refusesForeignChip(bench: Pick<Bench, "clock" | "decoy">): Promise<string[]> {
  const { base, name } = bench.decoy;
  const facts: string[] = [];
  for (const [driver, told] of [
    ["onoff", String(base)],
    ["chardev", name],
  ] as const) {
    facts.push(await refused(bench, driver, { code: "GPIO_NOT_FOUND", names: ["decoy", told] }));
  }
  return facts;
}

/** Lines that are not there, and chips that are not: the chips that are there are told. */
export async function refusesMissing(bench: Bench): Promise<string[]> {
  const { base, label } = bench.chip;
  const facts: string[] = [];
  for (const driver of ["onoff", "chardev"] as const) {
    const missing = { code: "GPIO_NOT_FOUND", names: ["pinctrl-rp1", label, "decoy"] };
    facts.push(await refused(bench, driver, { ...missing, boot: { chip: "pinctrl-rp1", offset: 17 } }));
    const beyond = { code: "GPIO_NOT_FOUND", names: ["decoy", "17"] };
    facts.push(await refused(bench, driver, { ...beyond, boot: { chip: "decoy", offset: 17 } }));
  }
  const outside = { code: "GPIO_NOT_FOUND", names: ["17", String(base)] };
  facts.push(await refused(bench, "onoff", { ...outside, boot: { sysfs: 17 } }));
  return facts;
}

/** A line that somebody has by the other way is refused, and who has it is told. */
export async function refusesOccupied(bench: Bench): Promise<string[]> {
  bench.release();
  const facts: string[] = [];
  {
    using device = new GpioDevice(join("/dev", bench.chip.name));
    using _ = device.take(BCM.boot, STRANGER);
    facts.push(await refused(bench, "onoff", { code: "GPIO_UNAVAILABLE", names: [STRANGER] }));
  }
  using port = emptyPort();
  await using _ = await hardwareBay(rigConfig("onoff", { port: port.path }), bench.clock).open(soon(bench));
  facts.push(await refused(bench, "chardev", { code: "GPIO_UNAVAILABLE", names: ["sysfs"] }));
  return facts;
}

/** A watchdog may be quicker than the kernel is with taking the lines from the one who died. */
export async function rescueWaits(bench: Bench): Promise<string[]> {
  bench.release();
  using port = emptyPort();
  const config = rigConfig("chardev", { port: port.path });
  const folder = mkdtempSync("/tmp/rescue-");
  using device = new GpioDevice(join("/dev", bench.chip.name));
  const dying = device.take(BCM.boot, STRANGER);
  const holder = { ...thisProcess(), command: "st67-hil flash" };
  const rescued = rescue({ config, resources: resourcesOf(config), holder, folder }, bench.clock);
  await bench.clock.sleep(HELD_MS);
  dying[Symbol.dispose]();
  await rescued;
  const [log = ""] = readdirSync(folder).filter((name) => name.endsWith(".log"));
  const told = readFileSync(join(folder, log), "utf8").trim();
  if (!told.includes("the lines are safe")) throw new Error(`expected lines that are safe; got ${told}`);
  return [`with a line that was held for ${HELD_MS} ms: ${told.slice(told.indexOf("the lines"))}`];
}

async function refused(bench: Pick<Bench, "clock">, driver: Driver, { boot, code, names }: Refused): Promise<string> {
  using port = emptyPort();
  const wishes = { port: port.path, ...(boot !== undefined && { boot }) };
  try {
    await using _ = await hardwareBay(rigConfig(driver, wishes), bench.clock).open(soon(bench));
  } catch (error) {
    const named =
      error instanceof HarnessError && error.code === code && names.every((name) => error.message.includes(name));
    if (named) return `${driver}: ${error.code}: ${error.message.replaceAll("\n", " / ")}`;
    throw new Error(`${driver}: expected ${code} naming ${names.join(", ")}; got ${String(error)}`, { cause: error });
  }
  throw new Error(`${driver}: expected ${code}; the rig opened`);
}
