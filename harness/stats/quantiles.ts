/**
 * A quantile of numbers in ascending order: between two neighbours on a straight line, so that the 0.5 is the median (type 7 of
 * Hyndman & Fan 1996, Am. Stat. 50:361; what R, NumPy and spreadsheets take).
 *
 * @param sorted at least one.
 * @param share from 0 to 1.
 */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
