import { z } from "zod";

const flag = (by: boolean) => z.boolean().default(by);
/** How long nobody has published; a host that waits for levels cannot tell. */
const latency = (by: number) => z.number().min(0).max(10_000).default(by);
const count = () => z.int().min(0).max(10_000).default(0);

/** What an update is judged by as it arrives. The images have a text for each but `profile`, and a header has no field for that. */
const OtaChecks = z.lazy(() =>
  z.strictObject({
    magic: flag(true),
    /** `RAW` or `XZ`. */
    kind: flag(true),
    hardware: flag(true),
    /** The payload has the length that the header states. */
    size: flag(true),
    /** That length fits into the slot. */
    fit: flag(true),
    hash: flag(true),
    /** What was written is read back. */
    readBack: flag(true),
    /** The image is of the profile that runs: told by its marker. */
    profile: flag(false),
  }),
);

/** The running application's host interface, and what nobody knows of it. Each default is the best guess there is. */
export const Ncp = z.lazy(() =>
  z.strictObject({
    /** `factory`: the transport of firmware before 2.0.75, of which 8 bytes are known; it says them and hears nothing. */
    transport: z.enum(["current", "factory"]).default("current"),
    /** From the rise of CS to that of SPI_RDY, for a host that has something to say. Not known. */
    hearMs: latency(0.05),
    /** From the end of the transfer that brought the header to the fall of SPI_RDY. Not known. */
    ackMs: latency(0.02),
    /** Shortest low of SPI_RDY. Not known. */
    againMs: latency(0.05),
    /** Most bytes of a payload, either way; a longer one is dropped. ST's driver takes 1520 by default, and up to 6000. */
    mtu: z.int().min(64).max(6000).default(1520),
    /** What SPI_RDY does. Planted: it `never` rises, is `stuck` once it has risen, or `glitches`: a short pulse behind every second fall. */
    ready: z.enum(["ok", "never", "stuck", "glitches"]).default("ok"),
    /** So many transactions at first, and every so-manieth (0: none), lose what the host says: rx_stall. Nobody has published when it is set. */
    stallFirst: count(),
    stallEvery: count(),
    /** A manufacturing image raises SPI_RDY when it is up. A guess; it answers nothing. */
    mfgReady: flag(true),
    /** From a command's last byte to the first of its answer. Not known; ST's driver waits 2000 ms. */
    answerMs: latency(1),
    /** Commands come back before their answer, until ATE0. Off: a public driver counts one frame for OK. */
    echo: flag(false),
    /** `split`: each line, and OK, is a frame of its own, as a public driver counts them; `one`: an answer is as few as it can be. */
    answers: z.enum(["split", "one"]).default("split"),
    /** OK and ERROR come behind an empty line, as `ready` does. Not known. */
    blankLines: flag(true),
    /** AT+GMR tells the board in its `SW image` line, as the image's own marker does. */
    imageBoard: flag(false),
    /** AT+GMR tells this version of the SDK, whatever runs. Planted; `auto`: the image's. */
    gmrVersion: z
      .union([z.literal("auto"), z.string().regex(/^\d+(\.\d+){2}$/)], { error: "expected auto or a version: 2.0.97" })
      .default("auto"),
    /** AT+CWNETMODE? tells this, whatever runs: 1 is T01, 0 is T02. Planted; `auto`: as the image's marker says. */
    netMode: z
      .union([z.literal("auto"), z.literal(0), z.literal(1)], { error: "expected auto, 0 or 1" })
      .default("auto"),
    /** The first number of a line of AT+PART?: a guess. */
    partFirst: z.enum(["type", "index"]).default("type"),
    /** The last but one: what the slot may hold, or what is `used`. A guess. */
    partLength: z.enum(["max", "used"]).default("max"),
    /** What AT+VBAT? tells. */
    vbatMv: z.int().min(0).max(5000).default(3300),
    /** `SEND OK` comes behind `Recv`. The text is in the images; whether it comes is not known. */
    sendOk: flag(true),
    otaChecks: OtaChecks.prefault({}),
    /** An update takes effect. Planted: with `false` it is written, OK is said, and the old image runs on. */
    otaFlips: flag(true),
    /**
     * Where boot2 expands an update that is xz: into the `other` slot, as the public source of a sister SDK has it; in the
     * `same`, where a power cut leaves nothing that boots; or not at all, `none`.
     */
    xzSlot: z.enum(["other", "same", "none"]).default("other"),
    /** From an OK that announces a reset until the reset, at most: it comes as soon as the host has taken the OK. Not known. */
    restartMs: latency(1000),
  }),
);
export type Ncp = z.infer<typeof Ncp>;
