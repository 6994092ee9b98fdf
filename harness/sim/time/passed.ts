import type { Clock } from "../../base/time.js";

/** Milliseconds that sums of binary fractions may be off by. */
const NOISE_MS = 1e-6;

/** Whether `ms` have passed since `sinceMs`. */
export const hasPassed = (clock: Clock, sinceMs: number, ms: number): boolean => clock.now() - sinceMs >= ms - NOISE_MS;
