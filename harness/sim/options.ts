import { z } from "zod";
import { capacityBytes, MODULE_FLASH_BYTES } from "../protocol/flash.js";
import { Fault } from "./faults/options.js";
import { Quirks } from "./quirks.js";
import { Ncp } from "./spi/options.js";

const flag = (by: boolean) => z.boolean().default(by);
const positive = (by: number) => z.number().positive().default(by);
const lowerHex = (digits: number) =>
  z
    .string({ error: `expected ${digits} hex digits, in quotes` })
    .regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`), `expected ${digits} hex digits`)
    .transform((text) => text.toLowerCase());

/** How large the simulated flash is, in bytes: 512 KiB to 16 MiB by the id's last byte; a module's where that names no size. */
export const norBytes = ({ jedec }: { readonly jedec: string }): number =>
  capacityBytes(Number.parseInt(jedec.slice(4), 16)) || MODULE_FLASH_BYTES;

/** How long the SPI flash takes. Nobody has measured this part. */
const FlashTimes = z.lazy(() =>
  z.strictObject({
    /** One page of 256 bytes. From the seed log: boot2, 27 576 compressed bytes, took 335 ms, line time included. */
    pageMs: z.number().min(0).default(0.7),
    /** One sector of 4 KiB. From a BL616's log: 13 sectors in 165 ms, 10 in 108 ms, on another flash. */
    sectorEraseMs: z.number().min(0).default(8),
    /** From the seed log; the part's class erases in milliseconds. */
    chipEraseMs: z.number().min(0).default(6.3),
    /** From a BL616's log: 51 360 bytes in 42.9 ms. */
    shaBytesPerSec: positive(1_200_000),
    /** Every time above varies evenly by up to this part of itself, 0 to 1. Needs a random function. */
    jitter: z.number().min(0).max(1).default(0),
  }),
);

const Wiring = z.lazy(() =>
  z.strictObject({
    /** `open`: BOOT reads low, by the module's pull-down of 33 k. */
    boot: z.enum(["ok", "open"]).default("ok"),
    /** `open`: the module has no pull-up there; we take an undriven CHIP_EN as low: off. A board may differ. */
    chipEn: z.enum(["ok", "open"]).default("ok"),
    /**
     * `open`, `swapped`: no byte gets through, either way. `bridged`: the host's TX and RX touch each other, and it hears itself
     * alone. `echo`: an adapter on one wire, which hears itself and then the module.
     */
    txRx: z.enum(["ok", "open", "swapped", "bridged", "echo"]).default("ok"),
  }),
);

/**
 * The `sim:` section of a rig file. Its groups are lazy, each by itself: a rig file's schema looks into this one, and no further.
 * `chipId`, `locked`, `keyHash` and `contents` describe a new module: a state file wins. */
export const SimOptions = z.lazy(() =>
  z.strictObject({
    /** Where the module's silicon is kept; none: it is gone with the process. */
    state: z.string().min(1).optional(),
    /** `factory`: an older firmware that boots; `blank`; or a file of up to the flash's size. */
    contents: z.string().min(1).default("factory"),
    /** The factory MAC, 12 hex digits. The default is the working module's of the seed logs. */
    chipId: lowerHex(12).default("40827b037742"),
    /**
     * Manufacturer, type, capacity; the default is what the seed logs show. A capacity of 13 to 18 makes a flash of 512 KiB to
     * 16 MiB; any other answer is a flash of 4 MiB that tells nonsense, as one does that is not reached (`ffffff`).
     */
    jedec: lowerHex(6).default("c46016"),
    /** Boots signed images only. Both modules of the seed logs are locked. */
    locked: flag(true),
    /** `auto`: zero until an image that a host programmed first boots, then that image's key. */
    keyHash: z.union([z.literal("auto"), lowerHex(64)], { error: "expected auto or 64 hex digits" }).default("auto"),
    flash: FlashTimes.prefault({}),
    wiring: Wiring.prefault({}),
    /** `maxBaud`: the fastest rate that the host's adapter carries; above it nothing gets through, either way. */
    link: z.strictObject({ maxBaud: positive(3_000_000) }).prefault({}),
    /** Whether the application prints its banner on the UART. */
    appLog: flag(true),
    quirks: Quirks.prefault({}),
    /** The running application's host interface: SPI, AT, updates. */
    ncp: Ncp.prefault({}),
    /** What goes wrong, and when. */
    faults: z.array(Fault).default([]),
  }),
);
export type SimOptions = z.infer<typeof SimOptions>;
