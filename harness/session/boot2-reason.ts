/** What boot2 holds against an image, by its own numbers: a person reads words. From boot2's public source. */
const WORDS: Readonly<Record<number, string>> = {
  513: "the header's length is wrong",
  514: "the header is not meant to be loaded",
  515: "there is no image: the magic is missing",
  516: "the header's CRC differs",
  517: "it is encrypted on a module that takes plain images, or plain on one that does not",
  518: "it is unsigned on a locked module, or signed on one that is not",
  519: "the count of segments is wrong",
  522: "the key's length is wrong",
  523: "the key's CRC differs",
  524: "it is signed with another key than the module's",
  525: "the signature's length is wrong",
  526: "the signature's CRC differs",
  533: "a segment's CRC differs",
  534: "it is not whole",
  535: "the body's hash differs",
  536: "the signature cannot be read",
  537: "the signature is not one of the body",
  539: "nothing valid is on the flash",
  540: "it is older than the anti-rollback counter allows",
};

/** Where its log tells a number: of a group in hex, of the whole boot in decimal. */
const NUMBERS: readonly (readonly [RegExp, number])[] = [
  [/Group \d+ parse fail ret (?:0x)?([\da-f]{1,4})\b/gi, 16],
  [/Media boot return (\d{1,5})\b/gi, 10],
];

/** Why boot2 refused an image. */
export interface Boot2Reason {
  /** Four hex digits: `0217`. */
  readonly number: string;
  /** `0217: the body's hash differs` */
  readonly told: string;
}

/** What the log says again and again: nothing protects one of its lines from a damaged byte. `undefined`: it names no number. */
export function boot2Reason(log: string): Boot2Reason | undefined {
  for (const [pattern, base] of NUMBERS) {
    const told = mostFrequent([...log.matchAll(pattern)].map(([, digits = ""]) => Number.parseInt(digits, base)));
    if (told === undefined) continue;
    const number = told.toString(16).padStart(4, "0");
    return { number, told: `${number}: ${WORDS[told] ?? "a number that is not known here"}` };
  }
  return undefined;
}

/** Of those that are as frequent, the first. */
function mostFrequent(numbers: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0];
}
