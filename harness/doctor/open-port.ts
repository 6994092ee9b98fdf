import { basename } from "node:path";
import type { RigConfig } from "../../rigs/file/schema.js";
import { HarnessError } from "../base/errors.js";
import { Deadline, SystemClock } from "../base/time.js";
import type { Wire } from "../base/wire.js";
import { type Opening, type Rate, ratesOf } from "./facts.js";
import type { Host } from "./host.js";
import { type PortFacts, readLive } from "./port-facts.js";

/** A port opens within some milliseconds, or somebody has it. */
const OPEN_MS = 3000;

/** Opens the port of a rig, alone on this machine, sets each rate of the rig, sends nothing, and closes it. */
export async function openPort(config: RigConfig, port: PortFacts, host: Host, signal?: AbortSignal): Promise<Opening> {
  const [{ Lock, resourcesOf, thisProcess }, { openSerial }] = await Promise.all([
    import("../../rigs/guard/lock.js"),
    import("../../rigs/serial/serial.js"),
  ]);
  const [first = config.serial.bootBaud, ...more] = ratesOf(config);
  const deadline = Deadline.in(OPEN_MS, `opening ${port.path}`, new SystemClock(), signal, "PORT_UNAVAILABLE");
  try {
    const lock = Lock.try(resourcesOf(config), thisProcess());
    if (!(lock instanceof Lock)) return busy(`in use by another st67-hil${pidOf(lock.holder?.pid)}`);
    using _ = lock;
    const rates: Rate[] = [];
    let wire: Awaited<ReturnType<typeof openSerial>> | undefined;
    const opened = await rate(first, async () => {
      wire = await openSerial({ path: port.path, baud: first }, deadline);
    });
    rates.push(opened);
    if (wire === undefined) return { opened: true, rates, live: port.live };
    await using open: Wire = wire;
    for (const baud of more) rates.push(await rate(baud, () => open.setBaud(baud, deadline)));
    return { opened: true, rates, live: readLive(host, port.name) };
  } catch (error) {
    if (!(error instanceof HarnessError) || error.blame === "operator") throw error;
    return /in use/.test(error.message)
      ? busy(error.message)
      : { opened: false, why: error.message, busy: false, advice: error.advice };
  }
}

/** Tries the rates of a rig on its wire, for a port that only the rig itself may open. The wire is then at the fastest. */
export async function tryRates(config: RigConfig, wire: Wire, host: Host, deadline: Deadline): Promise<Opening> {
  const rates: Rate[] = [];
  for (const baud of ratesOf(config)) rates.push(await rate(baud, () => wire.setBaud(baud, deadline)));
  const real = config.serial.path === undefined ? undefined : host.real(config.serial.path);
  return { opened: true, rates, live: readLive(host, real && basename(real)) };
}

/** @throws whatever is no matter of the rate. */
async function rate(baud: number, set: () => Promise<void>): Promise<Rate> {
  try {
    await set();
    return { baud, trouble: undefined };
  } catch (error) {
    if (error instanceof HarnessError && error.code === "RATE_REFUSED") return { baud, trouble: error.message };
    throw error;
  }
}

const busy = (why: string): Opening => ({ opened: false, why, busy: true });

const pidOf = (pid: number | undefined): string => (pid === undefined ? "" : ` (pid ${pid})`);
