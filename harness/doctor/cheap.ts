import type { RigConfig } from "../../rigs/file/schema.js";
import { isSimulated } from "../../rigs/simulated.js";
import { HarnessError } from "../base/errors.js";
import { type Check, checkOf } from "./check.js";
import { readFacts } from "./examine.js";
import { access, characterDevice, gpioChip, linesFree, sysfsGpio } from "./gpio-rules.js";
import { Host } from "./host.js";
import { type Devices, KernelDevices } from "./lines.js";
import { console, portInUse, portThere } from "./port-rules.js";
import { spiAccess, spiChipSelect, spiDevice } from "./spi-rules.js";

/** What is wrong with one of these, no opening can mend. */
const RULES = [
  sysfsGpio,
  characterDevice,
  gpioChip,
  linesFree,
  portThere,
  access,
  console,
  portInUse,
  spiDevice,
  spiAccess,
  spiChipSelect,
];

/** What a rig file names and this machine has not: the file may be meant for another one. For Linux. */
export function notHere(config: RigConfig, host = new Host(), devices: Devices = new KernelDevices()): string[] {
  if (process.platform !== "linux") return [];
  const facts = readFacts(config, host, devices);
  const failures = [gpioChip, portThere, spiDevice].map((rule) => checkOf(rule, facts)).filter(isFailure);
  return failures.map(({ found }) => found);
}

/**
 * What can be known of a rig before it is driven, in some milliseconds and without opening a line or a port: the lines
 * exist and are free, the port is there and nobody's console, nobody else has it, and this user may use all of it. For
 * Linux; a simulated rig passes unseen.
 *
 * @throws HarnessError RIG_UNFIT with every check that failed, and the advice of the first.
 */
export function cheapChecks(config: RigConfig, host = new Host(), devices: Devices = new KernelDevices()): void {
  if (isSimulated(config) || process.platform !== "linux") return;
  const facts = readFacts(config, host, devices);
  const failures = RULES.map((rule) => checkOf(rule, facts)).filter(isFailure);
  const [first] = failures;
  if (first === undefined) return;
  const told = failures.map(({ id, found, expected }) => `${id}: expected ${expected}; found ${found}`);
  throw new HarnessError("RIG_UNFIT", `${config.name}: ${told.join("\n  ")}`, {
    advice: first.advice,
    details: { checks: failures },
  });
}

const isFailure = ({ status }: Check): boolean => status === "failed";
