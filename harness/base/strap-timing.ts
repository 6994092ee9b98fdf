/** When what happens around a rise of CHIP_EN, in milliseconds. */
export interface StrapTiming {
  /** CHIP_EN is low for so long. */
  readonly resetMs: number;
  /** BOOT is set so long before CHIP_EN rises, also where that is before it falls; 0: right after the rise, too late. */
  readonly setupMs: number;
  /** BOOT stays set for so long after the rise. */
  readonly holdMs: number;
  /** From the rise to the first byte of the burst, whether BOOT is still set then or not. */
  readonly delayMs: number;
}

/** In the order in which they are told. */
export const STRAP_AXES = ["resetMs", "setupMs", "holdMs", "delayMs"] as const satisfies readonly (keyof StrapTiming)[];
export type StrapAxis = (typeof STRAP_AXES)[number];

/** The scenario whose cases are points. */
export const STRAP_SCENARIO = "strap-timing";

/**
 * What became of a module that ran its application. `success`: its boot ROM answered the burst, and boot info. `reset`: it was
 * reset, and did not answer. `normal`: it runs on, no reset was seen.
 */
export const STRAP_RESULTS = ["success", "reset", "normal"] as const;
export type StrapResult = (typeof STRAP_RESULTS)[number];

/** One strap sequence that was tried, and what came of it. */
export interface StrapPoint {
  readonly asked: StrapTiming;
  /** On the rig's clock, from the end of the call that drove a line to the beginning of the next one: at least so long. */
  readonly held: StrapTiming;
  /** The calls themselves took time: each of the above may have been longer by so much. */
  readonly withinMs: number;
  /** It is the sequence with which this rig straps its module. */
  readonly working: boolean;
  readonly result: StrapResult;
  /** `false`: nothing on this rig shows a reset, so that `normal` may have been one. */
  readonly observed: boolean;
  /** By what one knows. */
  readonly evidence: string;
}

/** The sequence of a rig: BOOT is set as CHIP_EN falls, and the burst comes as it is released. */
export const workingPoint = ({ resetMs, strapHoldMs }: { resetMs: number; strapHoldMs: number }): StrapTiming => ({
  resetMs,
  setupMs: resetMs,
  holdMs: strapHoldMs,
  delayMs: strapHoldMs,
});

export const isSameTiming = (one: StrapTiming, other: StrapTiming): boolean =>
  STRAP_AXES.every((axis) => one[axis] === other[axis]);
