/** Sums of a tail take about its square root of steps; no run is nearly as long. */
const MOST = 1e9;

/** @throws RangeError unless `n` is whole, from 0 to 10^9, and `k` a whole part of it. */
export function checkCounts(k: number, n: number): void {
  checkWhole("n", n, 0, MOST);
  checkWhole("k", k, 0, n);
}

/** @throws RangeError */
export function checkWhole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${name}: expected a whole number from ${min} to ${max}; got ${value}`);
}

/** @throws RangeError unless `value` lies between `min` and `max`, both excluded. */
export function checkBetween(name: string, value: number, min: number, max: number): void {
  if (!(value > min && value < max))
    throw new RangeError(`${name}: expected a number between ${min} and ${max}; got ${value}`);
}

/** The difference of two such numbers is one, too. */
const LARGEST = 1e300;

/** @throws RangeError for NaN and numbers that are beyond 1e300 in size. */
export function checkNumbers(name: string, values: readonly number[]): void {
  const wrong = values.findIndex((value) => !(Math.abs(value) <= LARGEST));
  if (wrong >= 0)
    throw new RangeError(`${name}[${wrong}]: expected a number from -${LARGEST} to ${LARGEST}; got ${values[wrong]}`);
}

/** The ratio of two such numbers is one, too. */
export const isTime = (value: number): boolean => value >= 1e-100 && value <= 1e100;

/** @throws RangeError */
export function checkTime(name: string, value: number): void {
  if (!isTime(value)) throw new RangeError(`${name}: expected a number from 1e-100 to 1e100; got ${value}`);
}
