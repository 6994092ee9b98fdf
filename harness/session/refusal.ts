import { HarnessError } from "../base/errors.js";
import type { CommandName } from "../protocol/commands.js";
import { CHECKSUM_ERROR, OPCODE_ERROR, statusText } from "../protocol/status.js";

/** A command as its errors name it: a write with its address. */
export interface Asked {
  readonly name: CommandName;
  /** Flash address, where the command has one. */
  readonly address: number | undefined;
}

/** What an FL means. @returns HarnessError COMMAND_DAMAGED or COMMAND_REFUSED. */
export function refusalOf({ name }: Asked, status: number, baud: number): HarnessError {
  if (status === CHECKSUM_ERROR) {
    return new HarnessError("COMMAND_DAMAGED", `${name} at ${baud} Bd: the chip got other bytes than were sent`, {
      details: { command: name, baud },
    });
  }
  const what =
    name === "flashWriteCheck" && status !== OPCODE_ERROR ? "the chip says that a write failed" : "the chip refused";
  return new HarnessError("COMMAND_REFUSED", `${name}: ${what} with ${statusText(status)}`, {
    details: { command: name, status },
  });
}

/** A write that was acknowledged and failed after all. */
export const lateRefusalOf = ({ name, address }: Asked, status: number): HarnessError =>
  new HarnessError(
    "COMMAND_REFUSED",
    `${name}${address === undefined ? "" : ` at 0x${address.toString(16).toUpperCase()}`}: the chip said OK, and then ${statusText(status)}`,
    { details: { command: name, status, ...(address !== undefined && { address }) } },
  );

/** A refusal that says: there is no such command here. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof HarnessError && error.code === "COMMAND_REFUSED" && error.details["status"] === OPCODE_ERROR;

/** Nothing at all came. */
export const isSilence = (error: unknown): error is HarnessError =>
  error instanceof HarnessError && error.code === "COMMAND_TIMEOUT" && error.details["bytes"] === "";
