/** A side of so many at most, and so many in all: what is counted stays a whole number that a double holds. */
const SMALL = 8;
const MOST = 200;
/** So large may the statistic become: from there on a normal distribution is as good, and quicker. */
const LARGEST = 1600;

interface Sizes {
  readonly before: number;
  readonly after: number;
}

/** Whether `exactRankP` can be asked: groups without ties, each of as many values as the others. */
export function isSmall(groups: readonly Sizes[]): boolean {
  const [first] = groups;
  return (
    groups.every(({ before, after }) => Math.min(before, after) <= SMALL && before + after <= MOST) &&
    groups.every(({ before, after }) => before + after === (first?.before ?? 0) + (first?.after ?? 0)) &&
    groups.reduce((sum, { before, after }) => sum + before * after, 0) <= LARGEST
  );
}

/**
 * Two-sided: the probability that the pairs of all groups with the after above the before, `u` of each, are together so many or as far
 * from the middle, when all orders within a group are as likely. With groups of one against one: the sign test.
 */
export function exactRankP(groups: readonly (Sizes & { readonly u: number })[]): number {
  const u = groups.reduce((sum, group) => sum + group.u, 0);
  const chances = groups.map(({ before, after }) => chancesOf(before, after)).reduce(together, Float64Array.of(1));
  const far = Math.max(u, chances.length - 1 - u);
  return Math.min(1, 2 * chances.subarray(far).reduce((sum, chance) => sum + chance, 0));
}

/**
 * How likely each number of such pairs is: the coefficients of a Gaussian binomial, by their number. (Mann & Whitney 1947 have the
 * recurrence.)
 */
function chancesOf(before: number, after: number): Float64Array {
  const [few, many] = [Math.min(before, after), Math.max(before, after)];
  const ways = new Float64Array(few * many + 1);
  ways[0] = 1;
  for (let at = 1; at <= few; at++) {
    // Times 1 - q ** (many + at), then divided by 1 - q ** at.
    for (let power = ways.length - 1; power >= many + at; power--) add(ways, power, -(ways[power - many - at] ?? 0));
    for (let power = at; power < ways.length; power++) add(ways, power, ways[power - at] ?? 0);
  }
  const all = ways.reduce((sum, each) => sum + each, 0);
  return ways.map((each) => each / all);
}

function together(a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length + b.length - 1);
  for (const [i, x] of a.entries()) for (const [j, y] of b.entries()) add(sum, i + j, x * y);
  return sum;
}

const add = (numbers: Float64Array, index: number, more: number): void => {
  numbers[index] = (numbers[index] ?? 0) + more;
};
