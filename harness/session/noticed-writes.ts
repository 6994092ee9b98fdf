import type { Rig, Wire } from "../base/wire.js";
import { type CommandName, commandOf } from "../protocol/commands.js";

/** After them the flash holds what only the sender knows; a program in the RAM may do anything. */
const CHANGING: readonly CommandName[] = [
  ...(["flashErase", "flashChipErase", "flashWrite", "flashDecompressWrite", "flashSwitchBank"] as const),
  ...(["memoryWrite", "runImage"] as const),
];

/** The same rig; each command that may change the flash is told before it leaves, whoever sends it: a session has its wire. */
export const withNoticedWrites = (rig: Rig, changing: () => void): Rig => ({
  ...rig,
  wire: noticing(rig.wire, changing),
});

const noticing = (wire: Wire, changing: () => void): Wire => ({
  get baud() {
    return wire.baud;
  },
  write: (bytes, deadline, answered) => {
    const name = commandOf(bytes[0] ?? 0);
    if (name !== undefined && CHANGING.includes(name)) changing();
    return wire.write(bytes, deadline, answered);
  },
  read: (deadline) => wire.read(deadline),
  setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
  arrived: () => wire.arrived(),
  drop: () => wire.drop(),
  [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
});
