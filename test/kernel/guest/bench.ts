import { closeSync, existsSync, writeFileSync } from "node:fs";
import { Deadline, type SystemClock } from "../../../harness/base/time.js";
import { openPty } from "../../../harness/native/pty.js";
import { RigFile } from "../../../rigs/file/schema.js";
import { makeChip, type SimChip } from "./chips.js";
import type { LineName } from "./judge.js";
import { Trace } from "./trace.js";

/** As a Raspberry Pi 4 has it, and the lines that the rig file of the product's manual takes. */
const LABEL = "pinctrl-bcm2711";
const LINES = 58;
const UNEXPORT = "/sys/class/gpio/unexport";
export const BCM: Readonly<Record<LineName, number>> = { boot: 17, chipEn: 27 };

export type Driver = "onoff" | "chardev";
export const DRIVERS: readonly Driver[] = ["onoff", "chardev"];

/** What a check is given: a machine with GPIO chips, whose kernel keeps a record of what moves. */
export interface Bench {
  readonly chip: SimChip;
  readonly decoy: SimChip;
  readonly trace: Trace;
  /** The two lines by their numbers in sysfs and in the trace. */
  readonly lines: ReadonlyMap<number, LineName>;
  readonly clock: SystemClock;
  /** Gives the lines back that onoff keeps exported: as far as the kernel knows, nobody has them then. */
  release(): void;
}

/** It comes first and moves the base of the chip that counts. */
export const makeDecoy = (): SimChip => makeChip("decoy", "decoy", 4);

export function makeBench(decoy: SimChip, clock: SystemClock): Bench {
  const chip = makeChip("pi", LABEL, LINES);
  const lines = new Map<number, LineName>([
    [chip.base + BCM.boot, "boot"],
    [chip.base + BCM.chipEn, "chipEn"],
  ]);
  const release = () => {
    for (const number of lines.keys())
      if (existsSync(`/sys/class/gpio/gpio${number}`)) writeFileSync(UNEXPORT, String(number));
  };
  return { chip, decoy, trace: new Trace(), lines, clock, release };
}

interface RigWishes {
  readonly port: string;
  readonly chipEn?: "asserted" | "released";
  readonly boot?: object;
}

const rigFile = (driver: Driver, { port, chipEn = "released", boot = { bcm: BCM.boot } }: RigWishes) => ({
  name: `kernel-${driver}`,
  straps: { driver, boot, chipEn: { bcm: BCM.chipEn } },
  serial: { path: port },
  safeState: { chipEn },
});

/** A rig on the lines of the bench. */
export const rigConfig = (driver: Driver, wishes: RigWishes) => RigFile.parse(rigFile(driver, wishes));

/** The same as a file; JSON is YAML. */
export function writeRig(file: string, driver: Driver, wishes: RigWishes): string {
  writeFileSync(file, JSON.stringify(rigFile(driver, wishes)));
  return file;
}

/** A serial port with nobody behind it, for a rig whose lines alone matter. */
export function emptyPort(): { readonly path: string } & Disposable {
  const { master, slave, path } = openPty();
  return {
    path,
    [Symbol.dispose]: () => {
      closeSync(slave);
      closeSync(master);
    },
  };
}

export const soon = ({ clock }: Pick<Bench, "clock">, ms = 30_000): Deadline => Deadline.in(ms, "the check", clock);
