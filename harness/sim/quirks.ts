import { z } from "zod";

const flag = (by: boolean) => z.boolean().default(by);
const milliseconds = (by: number) => z.number().positive().default(by);
/** None by default: what it would have to be, nobody has published. */
const limit = () => z.number().min(0).max(10_000).default(0);

/** An address in the flash; beyond its end it wraps. */
const cell = () => z.int().min(0).max(0xffff_ffff);

/** The ROM revision of the first BL616: another boot info, another way to set the idle time-out. */
export const ROM_A0 = 1;

/** What nobody knows of the ROM, boot2 and the application. Each default is the best guess there is. */
export const Quirks = z.lazy(() =>
  z.strictObject({
    /** Shortest low of CHIP_EN that resets, in ms; at a shorter one the module runs on. Public drivers hold it for 1, 50 or 100 ms. */
    resetMinMs: limit(),
    /** How long BOOT must have been high when CHIP_EN rises, or the die resets itself, to be taken for high. */
    bootSetupMs: limit(),
    /** And how long it must stay high from then on: the ROM starts at the end of that. */
    bootHoldMs: limit(),
    /** How long the ROM is deaf after it has started. The vendor's loader waits 100 ms before the first byte. */
    romDeafMs: limit(),
    /** First byte of the boot info. 2: both modules of the seed logs. 1: BL616 A0, 24 bytes without a CRC; 0x23 is unknown to it. */
    romVersion: z.int().min(ROM_A0).max(255).default(2),
    /** Opcodes that this device does not know. The sister chips' RAM loaders, for example, lack 0x20, 0x22 and 0x23. */
    lacks: z.array(z.int().min(0).max(255)).default([]),
    /** How an unknown opcode is met: `silent`, as all readable device code does, or `refused`: FL 0101, which counts. */
    unknownOpcode: z.enum(["silent", "refused"]).default("silent"),
    /** Boot info is judged by its checksum as any command is. One public flasher sends it a wrong one, and is answered. */
    bootInfoChecksum: flag(true),
    /**
     * Most bytes of a payload; a longer one is never answered. Reads are cut to as many. 4604 is inferred from what the
     * vendor's host writes beside the time-out on a BL616; the sister chips' loaders have 16388 and 9220.
     */
    payloadLimit: z.int().min(256).max(65_535).default(4604),
    /** How long a session waits for a whole packet, until the host sets it. The sister chips' loaders wait so long. */
    idleMs: milliseconds(2000),
    /** The first idle time-out ends the session; the sister chips' loaders wait for a second one in a row. */
    firstIdleEnds: flag(false),
    /** What comes so soon after the OK of the handshake is swallowed: 1 ms on the sister chips' loaders; the vendor's host waits 500. */
    settleMs: milliseconds(1),
    /** From the OK of clock-set until the UART has the new rate. Nobody knows; the vendor's host waits 110. */
    rateSettleMs: z.number().min(0).default(0),
    /** A 0x55 that still comes after the OK is a header, as in BL602's loader; false: such bytes are swallowed. */
    strictAutoBaud: flag(true),
    /** OK comes twice before a length. The vendor's newer hosts skip a second one: somebody has seen it. */
    doubleOk: flag(false),
    /** PD answers before the OK of each erased block. The logs of this ROM show none; its sister chips' loaders send one. */
    pendingPerErase: z.int().min(0).max(100).default(0),
    /** The sister chips' loaders say OK before they program: a failure is then a second answer. */
    ackBeforeProgramming: flag(false),
    /** The ROM knows the flash itself: the fourth byte of the JEDEC answer is 0x80. In the seed logs it is 0. */
    knownFlash: flag(false),
    /** A hash and a read through the mapping are refused (FL 0004) before `xipReadStart`. The vendor's host always sends it. */
    hashNeedsMapping: flag(true),
    /** A locked module refuses to write and to read memory (FL 0501, 0504): so boot2's public source has the write. */
    lockedMemory: flag(false),
    /** The MAC answer has its six bytes as they are fused; false: in the usual order. */
    macReversed: flag(false),
    /** The SPI flash neither erases nor programs in time, as a dying part: FL 0003, 0006, 000A, 000B. */
    flashFails: flag(false),
    /** Cells of the flash that are always 0 or always 1, as in a part that dies; the ROM never looks. */
    stuckBits: z
      .array(z.strictObject({ address: cell(), bit: z.int().min(0).max(7), value: z.int().min(0).max(1) }))
      .default([]),
    /** Addresses of sectors of 4 KiB that neither erase nor program; the ROM acknowledges both. */
    deadSectors: z.array(cell()).default([]),
    /**
     * Modules were reported that take T01 once and no firmware after it until a chip erase. Invented, as nobody knows the
     * cause: out of a reset with a T01 on the flash, set-para takes effect but is not answered until that T01 is erased.
     */
    t01Reflash: flag(false),
    /**
     * boot2 reads the partition table at 0xF000 too, and the higher age wins, as its public source for a sister SDK has it; ST's
     * tools only ever write the first. false: the first alone counts.
     */
    secondTable: flag(true),
    /** Without a valid table boot2 starts what is at 0x10000, from the same source; false: it has nothing to start, 021B. */
    defaultFirmware: flag(true),
    /** boot2 listens for 0x55 before it starts the application, and while it has none: its answer's text is in 8.1.9. */
    boot2Isp: flag(true),
    /**
     * The mission application leaves for the ROM on the lines `ispboot if` and `reboot`, which a host of the family sends
     * for that. The word `ispboot` is in none of ST's images.
     */
    applicationIsp: flag(false),
    /** From CHIP_EN to the application's banner. Not known: it must come before `readyMs`. */
    bannerMs: milliseconds(300),
    /** From CHIP_EN to the end of the application's start: seen as the rise of SPI_RDY after 640 to 854 ms. */
    readyMs: milliseconds(640),
  }),
);
export type Quirks = z.infer<typeof Quirks>;
