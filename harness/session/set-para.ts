import { type ErrorCode, HarnessError } from "../base/errors.js";

/** Where set-para met silence or garbage. */
interface Scene {
  readonly rig: string;
  /** The line's rate, in baud. */
  readonly baud: number;
  /** The rate at which the handshake and boot info have just gone well. */
  readonly provenBaud: number;
}

/** What a line can do to an answer. A refusal is none of it: the chip has heard us, and gives its reason. */
const FROM_THE_LINE: readonly ErrorCode[] = ["COMMAND_TIMEOUT", "REPLY_MALFORMED", "COMMAND_DAMAGED"];

/**
 * Silence or garbage in answer to set-para, told as what it is: the first exchange at the working rate, where the vendor's
 * tool gives up with its error 003B. Stage, rate and bytes are in the message, the likely causes in order in the advice.
 *
 * @returns an error with the same code; any other error as it is.
 */
export function setParaTrouble(error: unknown, { rig, baud, provenBaud }: Scene): unknown {
  if (!(error instanceof HarnessError) || !FROM_THE_LINE.includes(error.code)) return error;
  const bytes = typeof error.details["bytes"] === "string" ? error.details["bytes"] : "";
  const seen = error.code === "COMMAND_DAMAGED" ? "FL 0103" : bytes === "" ? "no byte" : `the bytes ${bytes}`;
  const faster = baud > provenBaud;
  const before = faster
    ? `the handshake, boot info and clock-set went well at ${provenBaud} Bd; nothing was exchanged at ${baud} Bd before`
    : `the handshake and boot info went well at this very rate of ${baud} Bd`;
  const causes = faster ? (bytes === "" ? SILENT : GARBLED) : SAME_RATE;
  return new HarnessError(
    error.code,
    `${rig}: set-para at ${baud} Bd: expected OK, got ${seen}; ${before} (the vendor's tool says 003B here)`,
    {
      cause: error,
      details: { ...error.details, stage: "set-para", command: "flashSetPara", baud, bytes },
      advice: `Likely causes in order: ${causes.map((cause, index) => `${index + 1}. ${cause}`).join(" ")}`,
    },
  );
}

const TOO_FAST =
  "The UART or the adapter does not make this rate (many end at about 1 MBd): use one that carries 2 MBd, or set serial.loadBaud to auto or to a lower rate.";
const CABLE = "The cable or the ground: shorten the wires, and lay a ground lead beside TX and RX.";
const LEFT_ROM =
  "The module left the ROM behind clock-set: CHIP_EN bounced, or BOOT was low at a second reset. Strap it once more.";
const GONE_SILENT =
  "The module went silent after a T01: cut its power, try again, and if it stays silent use `st67-hil erase --whole-chip`.";

const SILENT: readonly string[] = [TOO_FAST, CABLE, GONE_SILENT, LEFT_ROM];
/** Bytes do come: the line works, and not well; or what comes is the text of a firmware. */
const GARBLED: readonly string[] = [TOO_FAST, CABLE, LEFT_ROM];
/** The line has just shown that it carries this rate. */
const SAME_RATE: readonly string[] = [GONE_SILENT, LEFT_ROM, CABLE];
