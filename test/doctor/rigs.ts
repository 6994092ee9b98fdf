import type { Check } from "../../harness/doctor/check.js";
import { examine, type Tools } from "../../harness/doctor/examine.js";
import type { Opening } from "../../harness/doctor/facts.js";
import type { Devices } from "../../harness/doctor/lines.js";
import { type RigConfig, RigFile } from "../../rigs/file/schema.js";
import type { FakeMachine } from "./trees.js";

const LINES = { boot: { bcm: 17 }, chipEn: { bcm: 27 } };
const MODEM = { boot: { line: "rts", active: "low" }, chipEn: { line: "dtr", active: "low" } };

/** A rig as its file says; lines of the driver are put in where they are left out. */
export function rig(driver: string, path: string | undefined, more: Readonly<Record<string, unknown>> = {}): RigConfig {
  const lines = driver === "modem" ? MODEM : driver === "onoff" || driver === "chardev" ? LINES : {};
  const { straps, serial, ...rest } = more as Record<string, object>;
  return RigFile.parse({
    name: "bench",
    straps: { driver, ...lines, ...straps },
    serial: { ...(path !== undefined && { path }), ...serial },
    ...rest,
  });
}

/** Devices of which a test says what the kernel would. */
export function devicesOf(
  chips: readonly { name: string; label: string; lines: number }[] = [],
  consumers: Readonly<Record<number, string>> = {},
): Devices {
  return { chips: (paths) => (paths.length > 0 ? [...chips] : []), consumer: ({ offset }) => consumers[offset] };
}

export async function checksOf(
  machine: FakeMachine,
  config: RigConfig,
  tools: Tools = {},
): Promise<Map<string, Check>> {
  const checks = await examine(config, machine.host, { devices: devicesOf(), ...tools });
  return new Map(checks.map((check) => [check.id, check]));
}

/** Ids of the checks that ended so. */
export const idsOf = (checks: Map<string, Check>, status: Check["status"]): string[] =>
  [...checks.values()].filter((check) => check.status === status).map(({ id }) => id);

export const FTDI = { driver: "ftdi_sio", id: "0403:6001", product: "FT232R USB UART" };

/** A port that was opened: each rate made, but for the trouble with the faster one. */
export const opened =
  (live: { uartclk?: number; latency?: number } = {}, trouble?: string) =>
  async (): Promise<Opening> => ({
    opened: true,
    rates: [
      { baud: 500_000, trouble: undefined },
      { baud: 2_000_000, trouble },
    ],
    live: { uartclk: live.uartclk, latency: live.latency },
  });
