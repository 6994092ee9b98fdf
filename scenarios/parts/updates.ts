import { type Bench, type Firmware, HarnessError, type Matrix } from "../../harness/run/index.js";
import { missionsOf, OVER_SPI, toldBy } from "./firmware-over-spi.js";

/** Updates go over the same wires. */
export const OVER_THE_AIR = { tags: ["ota"], ...OVER_SPI, timeoutMs: 1_200_000 };

/** The same, with what a module may only be put to that may be lost: BOOT brings it back. */
export const BROKEN_UPDATES = { ...OVER_THE_AIR, needs: [...OVER_SPI.needs, "sacrificial"], ladder: 8 };

export const KINDS = ["raw", "xz"] as const;

/** Behind an update boot2 may expand it first: ST's driver waits so long. */
export const UPDATED_MS = 30_000;

/** Each version to each other of its profile, up and down. */
export const stepsOf = (matrix: Matrix): [Firmware, Firmware][] =>
  missionsOf(matrix).flatMap((from) =>
    missionsOf(matrix)
      .filter((to) => to !== from && to.profile === from.profile)
      .map((to): [Firmware, Firmware] => [from, to]),
  );

/** One such step for each profile: from the newest but one to the newest. */
export const newestStepsOf = (matrix: Matrix): [Firmware, Firmware][] =>
  (["t01", "t02"] as const).flatMap((profile) => {
    const [older, newest] = missionsOf(matrix)
      .filter((each) => each.profile === profile)
      .slice(-2);
    return older && newest ? [[older, newest] as [Firmware, Firmware]] : [];
  });

/** The module must boot one of the two, whatever happened, and say which: none at all is the end of a product in the field. */
export async function bootsOneOf(bench: Bench, firmwares: readonly Firmware[]): Promise<Firmware> {
  await bench.restart(UPDATED_MS);
  const { version, profile, place } = await toldBy(bench);
  const runs = firmwares.find((each) => each.version === version && each.profile === profile);
  if (runs === undefined)
    throw new HarnessError(
      "BOOT_UNEXPECTED",
      `expected ${firmwares.map(({ label }) => label).join(" or ")} to run, AT says ${profile}@${version}`,
      { details: { found: { profile, version } } },
    );
  bench.note(`${runs.label} runs, from slot ${place.slot}, age ${place.age}`);
  return runs;
}
