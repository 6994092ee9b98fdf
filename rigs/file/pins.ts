import { BCM_LABELS } from "../lines/gpio-chips.js";

/** What a rig file lacks, and where. */
export interface Need {
  readonly path: readonly string[];
  readonly expected: string;
}

type Fields = Readonly<Record<string, unknown>>;

const LINES = [
  ...(["boot", "chipEn", "power", "ready"] as const).map((name) => ["straps", name] as const),
  ["spi", "cs"] as const,
];

interface Pin {
  /** The field of the rig file that says which line it is. */
  readonly field: string;
  /** As far as a file alone can tell. */
  readonly key: string;
}

/** Lines of `straps` and `spi`, as written, on a pin that a line above them has. What only a kernel can tell shows on opening. */
export function sharedPins(straps: Fields, spi: Fields): Need[] {
  const taken = new Map<string, string>();
  const needs: Need[] = [];
  for (const [group, name] of LINES) {
    const line = (group === "spi" ? spi : straps)[name];
    const pin = typeof line === "object" && line !== null ? pinOf(line as Fields) : undefined;
    if (pin === undefined) continue;
    const other = taken.get(pin.key);
    if (other === undefined) taken.set(pin.key, `${group}.${name}`);
    else needs.push({ path: [group, name, pin.field], expected: `a line that ${other} leaves` });
  }
  return needs;
}

/** A BCM number is a line of the one chip on a machine that counts so, whichever of the labels that has. */
function pinOf({ bcm, chip, offset, sysfs, line }: Fields): Pin | undefined {
  const pin = (field: string, ...key: unknown[]): Pin => ({ field, key: JSON.stringify(key) });
  if (bcm !== undefined) return pin("bcm", "bcm", bcm);
  if (chip !== undefined && offset !== undefined) {
    return BCM_LABELS.includes(chip) ? pin("offset", "bcm", offset) : pin("offset", "chip", chip, offset);
  }
  if (sysfs !== undefined) return pin("sysfs", "sysfs", sysfs);
  return line === undefined ? undefined : pin("line", "line", line);
}
