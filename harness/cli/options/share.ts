/** A share of 1, given as `5%` or `0.05`: above 0 and below `limit`. */
export const share =
  (name: string, limit: number) =>
  (text: string): number => {
    const [, number, sign] = /^(\d+(?:\.\d*)?|\.\d+)\s?(%?)$/.exec(text) ?? [];
    const value = number === undefined ? Number.NaN : Number(number) / (sign === "%" ? 100 : 1);
    if (value > 0 && value < limit) return value;
    throw new Error(
      `--${name}: expected a share above 0 and below ${limit}, as 5% or 0.05, got ${JSON.stringify(text)}`,
    );
  };
