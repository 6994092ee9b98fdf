import jStat from "jstat";
import { checkBetween, checkCounts } from "./arguments.js";
import { atLeast, atMost, exactly } from "./binomial.js";

/** Of a probability: 0 to 1 where nothing is known of it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The two-sided interval to tell a rate with: covers it about as often as it says, also where nothing or everything failed.
 *
 * E. B. Wilson 1927, JASA 22:209; recommended by Brown, Cai & DasGupta 2001, Stat. Sci. 16:101.
 *
 * @param confidence between 0 and 1; ten digits are right up to 0.9999999.
 * @throws RangeError for counts that are none, or such a confidence.
 */
export function wilson(failures: number, n: number, confidence: number): Interval {
  checkCounts(failures, n);
  checkBetween("confidence", confidence, 0, 1);
  if (n === 0) return { low: 0, high: 1 };
  const z = jStat.normal.inv((1 - confidence) / 2, 0, 1);
  const rate = failures / n;
  const middle = rate + z ** 2 / (2 * n);
  const half = Math.abs(z) * Math.sqrt((rate * (1 - rate)) / n + (z / (2 * n)) ** 2);
  const scale = 1 + z ** 2 / n;
  return {
    low: failures === 0 ? 0 : (middle - half) / scale,
    high: failures === n ? 1 : (middle + half) / scale,
  };
}

/**
 * The exact two-sided interval: covers the rate at least as often as it says, mostly more often.
 *
 * Clopper & Pearson 1934, Biometrika 26:404.
 *
 * @throws RangeError as `wilson`.
 */
export function clopperPearson(failures: number, n: number, confidence: number): Interval {
  checkBetween("confidence", confidence, 0, 1);
  const oneSided = (1 + confidence) / 2;
  return { low: clopperPearsonLower(failures, n, oneSided), high: clopperPearsonUpper(failures, n, oneSided) };
}

/**
 * What the failure rate is below with that confidence: for "fewer than 1 % fail". No failure in 299: 0.997 %, about 3 / n,
 * the rule of three (Hanley & Lippman-Hand 1983, JAMA 249:1743).
 */
export function clopperPearsonUpper(failures: number, n: number, confidence: number): number {
  checkCounts(failures, n);
  checkBetween("confidence", confidence, 0, 1);
  const tail = 1 - confidence;
  if (failures === n) return 1;
  if (failures === 0) return -Math.expm1(Math.log(tail) / n);
  return rootOf(
    jStat.beta.inv(confidence, failures + 1, n - failures),
    (p) => tail - atMost(failures, n, p),
    (p) => ((n - failures) * exactly(failures, n, p)) / (1 - p),
  );
}

/** What the failure rate is above with that confidence. */
export function clopperPearsonLower(failures: number, n: number, confidence: number): number {
  checkCounts(failures, n);
  checkBetween("confidence", confidence, 0, 1);
  const tail = 1 - confidence;
  if (failures === 0) return 0;
  if (failures === n) return Math.exp(Math.log(tail) / n);
  return rootOf(
    jStat.beta.inv(tail, failures, n - failures + 1),
    (p) => atLeast(failures, n, p) - tail,
    (p) => (failures * exactly(failures, n, p)) / p,
  );
}

/** No root of these needs more than some twenty steps; halving alone takes sixty for one that is not tiny. */
const STEPS = 200;

/**
 * Where `excess`, which rises from 0 to 1, is 0. By Newton's steps, halved where one leads out of what is left. jStat's own
 * quantile, from which it begins, has eight digits, and six in a tail of 1e-12.
 */
function rootOf(guess: number, excess: (p: number) => number, slope: (p: number) => number): number {
  let [low, high] = [0, 1];
  let at = guess > low && guess < high ? guess : 0.5;
  for (let step = 0; step < STEPS; step++) {
    const off = excess(at);
    if (off > 0) high = at;
    else low = at;
    const newton = at - off / slope(at);
    const next = newton > low && newton < high ? newton : low + (high - low) / 2;
    if (Math.abs(next - at) <= 1e-14 * at) return next;
    at = next;
  }
  return at;
}
