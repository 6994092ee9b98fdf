import type { Wire } from "../../harness/base/wire.js";
import { toHex } from "./golden.js";

/**
 * The same wire, with all that the host writes kept as hex, a string for each write; rate changes stand between them.
 *
 * @param told is called with each write, before it is done.
 */
export function tapped(wire: Wire, told: (sent: string) => void = () => undefined): { wire: Wire; sent: string[] } {
  const sent: string[] = [];
  const tap: Wire = {
    get baud() {
      return wire.baud;
    },
    write(bytes, deadline) {
      sent.push(toHex(bytes));
      told(toHex(bytes));
      return wire.write(bytes, deadline);
    },
    read: (deadline) => wire.read(deadline),
    setBaud(baud, deadline) {
      if (baud !== wire.baud) sent.push(`${baud} Bd`);
      return wire.setBaud(baud, deadline);
    },
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
  return { wire: tap, sent };
}
