import type { SpiPort } from "./spi.js";
import type { Clock, Deadline } from "./time.js";

/** A byte pipe to a module's UART: 8 data bits, no parity, 1 stop bit. */
export interface Wire extends AsyncDisposable {
  /** The host's rate in baud. */
  readonly baud: number;
  /**
   * Resolves once the last bit has left the host.
   *
   * @param answered the module answers them, which tells as much: it may resolve some milliseconds sooner. Default: no.
   */
  write(bytes: Uint8Array, deadline: Deadline, answered?: boolean): Promise<void>;
  /** The next bytes to arrive, at least one. @throws the deadline's error when none come. */
  read(deadline: Deadline): Promise<Uint8Array>;
  /** What has arrived and not been read: it may be nothing. */
  arrived(): Uint8Array;
  /** Changes the host's rate. What has arrived and not been read is dropped: it was sent at the old rate. */
  setBaud(baud: number, deadline: Deadline): Promise<void>;
  /** Forgets what has arrived and not been read. */
  drop(): void;
}

/** The lines of a module. Names say what the module sees; polarity lives in the rig file alone. */
export type Line = "boot" | "chipEn" | "power";

export interface Straps extends AsyncDisposable {
  /** BOOT asserted: high, the ROM is asked for. CHIP_EN asserted: high, the module is enabled. Power asserted: supplied. */
  set(line: Line, asserted: boolean, deadline: Deadline): Promise<void>;
}

/** The module's SPI_RDY as an input: the cheapest sign of a boot. */
export interface ReadyInput {
  /** Whether the line is asserted now. */
  read(): Promise<boolean>;
}

/** What shall go wrong on purpose. */
export interface FaultOrders {
  /** Each as `sim.faults` of a rig file has it; commands, bytes and stages are counted from the order on. */
  readonly faults?: readonly Readonly<Record<string, unknown>>[];
  /** What the module is like from its next reset on. */
  readonly quirks?: { readonly t01Reflash?: boolean };
  /** What its flash is like from its next command on: erases and programs take so many times their time, at least 1. */
  readonly flash?: { readonly slower?: number };
}

/** Faults that were ordered, until they are taken back. */
export interface ArmedFaults {
  /** Whether each of them has struck by now. */
  readonly struck: boolean;
  disarm(): void;
}

/** Faults to order, as a simulated module makes them. */
export interface FaultMaker {
  /** @throws HarnessError SCENARIO_INVALID for what is no fault. */
  arm(orders: FaultOrders): ArmedFaults;
}

/** Milliseconds of the strap sequence and of a boot; see the rig file. */
interface Timing {
  readonly resetMs: number;
  readonly strapHoldMs: number;
  readonly powerOffMs: number;
  readonly bootMs: number;
  /** From CHIP_EN's rise to the first burst; `undefined`, or not within `strapHoldMs`: BOOT is released before. */
  readonly greetMs: number | undefined;
  /** Behind the ROM's OK, before it is asked whether it hears. */
  readonly settleMs: number;
  /** The same behind a change of the rate. */
  readonly rateSettleMs: number;
}

/** What a rig can observe of a boot. */
type BootProof = "banner" | "ready" | "at" | "none";

/**
 * A bench with one module on it. Whoever opened it disposes it; its lines are then in the rig's safe state.
 */
export interface Rig extends AsyncDisposable {
  readonly name: string;
  readonly clock: Clock;
  readonly wire: Wire;
  /** `undefined` on a rig that drives no lines: somebody else straps the module. */
  readonly straps: Straps | undefined;
  /** Whether the line `power` is there: no rig needs a power switch. */
  readonly switchesPower: boolean;
  /** `undefined` on a rig without that input. */
  readonly ready: ReadyInput | undefined;
  /** The module's host interface; none on a rig that has no wires to it. */
  readonly spi?: SpiPort;
  /** Only a simulated module has them. */
  readonly faults?: FaultMaker;
  readonly bootBaud: number;
  /** A number is binding; with `auto` a slower rate may be settled on. */
  readonly loadBaud: number | "auto";
  /** So many bytes of flash are asked for at once; 2048 where it is not said. */
  readonly readBytes?: number;
  /** So many bytes of a file go with one command; 2048 where it is not said. */
  readonly writeBytes?: number;
  readonly timing: Timing;
  readonly bootProof: readonly BootProof[];
  readonly allow: { readonly efuse: boolean; readonly unlocked: boolean };
  /**
   * The lines stay as they are when the rig is disposed, instead of going to the safe state; where the driver cannot
   * hold a level after the process ends, `cannotHold` says why.
   */
  keep(): void;
  readonly cannotHold: string | undefined;
  /** The module that must be on the bench, as 12 hex digits; `undefined`: any. */
  readonly chipId: string | undefined;
}

/** A rig that can be opened, again and again, and what is known of it before. */
export interface Bay {
  readonly name: string;
  readonly labels: readonly string[];
  readonly simulated: boolean;
  open(deadline: Deadline): Promise<Rig>;
}
