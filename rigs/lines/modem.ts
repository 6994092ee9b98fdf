import { HarnessError } from "../../harness/base/errors.js";
import type { Deadline } from "../../harness/base/time.js";
import type { Line, Straps } from "../../harness/base/wire.js";
import type { ModemFlags, SerialWire } from "../serial/serial.js";

/** An output of the serial port, and the level of its TTL pin at which it asserts what the module sees. */
export interface ModemLine {
  readonly line: keyof ModemFlags;
  readonly active: "high" | "low";
}

export interface ModemWiring {
  readonly boot: ModemLine;
  /** Not the line of `boot`. */
  readonly chipEn: ModemLine;
}

/** What a port is opened with: BOOT released, CHIP_EN low. */
export const heldInReset = (wiring: ModemWiring): ModemFlags => flagsFor(wiring, false, false);

/**
 * BOOT and CHIP_EN on DTR and RTS of the wire's own port, which was opened with `heldInReset`.
 *
 * Two moments are the system's, and no program can take them away. As the port opens it raises both flags, so both TTL
 * pins are low until the first call, a few milliseconds: with `active: high` that is a reset with BOOT released; with
 * `active: low` (a transistor between) the module is enabled with BOOT asserted, and then held in reset. As the port
 * closes the flags fall and both pins go high: with `active: low` the module is off, as in the default safe state; with
 * `active: high` both lines are asserted, so that the module restarts, perhaps into its ROM. Hence a transistor on both
 * lines is the wiring to choose; `stty -F PORT -hupcl` makes some drivers keep their levels instead.
 */
export class ModemStraps implements Straps {
  readonly #wire: SerialWire;
  readonly #wiring: ModemWiring;
  readonly #asserted = { boot: false, chipEn: false };

  constructor(wire: SerialWire, wiring: ModemWiring) {
    this.#wire = wire;
    this.#wiring = wiring;
  }

  /** @throws HarnessError LINES_NOT_DRIVEN when power is to go: no line is left for it; PORT_LOST. */
  async set(line: Line, asserted: boolean, deadline: Deadline): Promise<void> {
    if (line === "power") {
      if (asserted) return;
      throw new HarnessError(
        "LINES_NOT_DRIVEN",
        "expected a power switch to switch off: DTR and RTS drive BOOT and CHIP_EN",
      );
    }
    this.#asserted[line] = asserted;
    const { boot, chipEn } = this.#asserted;
    await this.#wire.setFlags(flagsFor(this.#wiring, boot, chipEn), deadline);
  }

  /** The port is the wire's to close. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A raised flag is a low pin. */
function flagsFor({ boot, chipEn }: ModemWiring, bootAsserted: boolean, chipEnAsserted: boolean): ModemFlags {
  const bootFlag = bootAsserted === (boot.active === "low");
  const chipEnFlag = chipEnAsserted === (chipEn.active === "low");
  return boot.line === "dtr" ? { dtr: bootFlag, rts: chipEnFlag } : { dtr: chipEnFlag, rts: bootFlag };
}
