/** From here on the continued fraction has all digits within sixty terms, and below it the series within as many. */
const FAR = 3;
const TERMS = 60;

/**
 * P(Z >= z) of a normal distribution, to some 13 digits, however far out: jStat's is 1 minus the rest, of which nothing is
 * left beyond 8. Abramowitz & Stegun 1964, 26.2.11 and 26.2.14.
 *
 * @param z 0 or more.
 */
export function upperTail(z: number): number {
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
  if (z >= FAR) {
    let fraction = z;
    for (let term = TERMS; term > 0; term--) fraction = z + term / fraction;
    return density / fraction;
  }
  let sum = 0;
  let term = z;
  for (let at = 1; at <= TERMS; at++) {
    sum += term;
    term *= z ** 2 / (2 * at + 1);
  }
  return 0.5 - density * sum;
}
