import type { Deadline } from "../../harness/base/time.js";
import type { GpioAddress, GpioPlace } from "./gpio-chips.js";

/** A line as it is now. */
export interface PinState {
  readonly output: boolean;
  readonly high: boolean;
}

/** One GPIO that was taken, by level: what a level means is the rig's matter. Each call throws GPIO_UNAVAILABLE. */
export interface GpioPin extends Disposable {
  /** Asked of the system anew. An output's level is its pin's, as far as the chip can tell. */
  state(): PinState;
  /** Makes it an output that is `high` from its first moment on; an output that has this level does not move. */
  makeOutput(high: boolean): void;
  makeInput(): void;
  /** For an output. */
  set(high: boolean): void;
}

/** One of the kernel's ways to a GPIO. */
export interface GpioDriver<P extends GpioPlace = GpioPlace> {
  /**
   * @param what whose line it is, for messages.
   * @throws HarnessError GPIO_NOT_FOUND; GPIO_UNAVAILABLE when it is known not to be free; RIG_INVALID.
   */
  find(address: GpioAddress, what: string): P;
  /** Takes a line as it is: neither direction nor level change. */
  take(place: P, what: string, deadline: Deadline): Promise<GpioPin>;
  /** Why a level does not outlast the process, where it does not. */
  cannotHold(places: readonly P[]): string | undefined;
}
