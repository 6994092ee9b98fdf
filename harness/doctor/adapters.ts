import type { UsbFacts } from "./port-facts.js";

/** What is known of a USB adapter's chip; the figures are of their data sheets and of the kernel's drivers. */
export interface Adapter {
  readonly chip: string;
  /** Fastest rate in baud of the slowest and of the fastest chip of this id: the id does not tell them apart. */
  readonly slowest: number;
  readonly fastest: number;
  /** Whether the rate that is read back is the rate that is made. */
  readonly verifiable: boolean;
}

interface Row extends Adapter {
  readonly driver: string;
  readonly vendor: string;
  readonly products?: readonly string[];
  /** What the device's own name must say for this row. */
  readonly named?: RegExp;
}

/** The first row that fits counts. */
const ROWS: readonly Row[] = [
  ...(
    [
      [/CP2102N/i, "CP2102N", 3_000_000, 3_000_000],
      [/CP2104/i, "CP2104", 2_000_000, 2_000_000],
      [/CP210[23]/i, "CP2102 or CP2103", 1_000_000, 1_000_000],
      [/(?:)/, "CP2102, CP2103 (1 M), CP2104 (2 M) or CP2102N (3 M)", 1_000_000, 3_000_000],
    ] as const
  ).map(([named, chip, slowest, fastest]) => {
    return { driver: "cp210x", vendor: "10c4", products: ["ea60"], named, chip, slowest, fastest, verifiable: true };
  }),
  {
    ...{ driver: "cp210x", vendor: "10c4", products: ["ea70"], chip: "CP2105 (2 M and 921 600)" },
    ...{ slowest: 921_600, fastest: 2_000_000, verifiable: true },
  },
  {
    ...{ driver: "cp210x", vendor: "10c4", products: ["ea71"], chip: "CP2108" },
    ...{ slowest: 2_000_000, fastest: 2_000_000, verifiable: true },
  },
  {
    ...{ driver: "ch341", vendor: "1a86", chip: "CH340 or CH341" },
    ...{ slowest: 2_000_000, fastest: 3_000_000, verifiable: false },
  },
  {
    ...{ driver: "cdc_acm", vendor: "1a86", products: ["55d3"], chip: "CH343" },
    ...{ slowest: 6_000_000, fastest: 6_000_000, verifiable: false },
  },
  {
    ...{ driver: "ftdi_sio", vendor: "0403", products: ["6001", "6015"], chip: "FT232R or FT-X" },
    ...{ slowest: 3_000_000, fastest: 3_000_000, verifiable: true },
  },
  {
    ...{ driver: "ftdi_sio", vendor: "0403", products: ["6010", "6011", "6014"], chip: "FT2232, FT4232 or FT232H" },
    ...{ slowest: 12_000_000, fastest: 12_000_000, verifiable: true },
  },
  {
    ...{ driver: "pl2303", vendor: "067b", chip: "PL2303 H (1 228 800), HX, TA (6 M), HXD, TB or G (12 M)" },
    ...{ slowest: 1_228_800, fastest: 12_000_000, verifiable: true },
  },
];

/** `undefined`: an adapter that is not in our table. */
export function adapterOf(driver: string | undefined, usb: UsbFacts): Adapter | undefined {
  return ROWS.find(
    (row) =>
      row.driver === driver &&
      row.vendor === usb.vendor &&
      (row.products?.includes(usb.product) ?? true) &&
      (row.named?.test(usb.name ?? "") ?? true),
  );
}
