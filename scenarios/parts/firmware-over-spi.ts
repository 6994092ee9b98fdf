import {
  type Bench,
  type Firmware,
  type Matrix,
  parseFw,
  parseNetMode,
  parseVersions,
} from "../../harness/run/index.js";

/** What talks with the firmware needs: lines to start it, and the wires of its SPI. */
export const OVER_SPI = { needs: ["lines", "spi"] };

/** The firmwares that have AT: mfg is silent on its SPI. */
export const missionsOf = ({ firmwares }: Matrix): Firmware[] => firmwares.filter(({ profile }) => profile !== "mfg");

/** A case a mission: the module begins with it and ends with it, so a failure is its own, once a known one did not fail. */
export const eachMission = (matrix: Matrix) =>
  missionsOf(matrix).map((firmware) => ({ label: firmware.label, before: firmware, after: firmware }));

/** What the firmware says of itself, by `+GMR`, `+CWNETMODE` and the row of FW in `+PART`. */
export async function toldBy({ at }: Bench) {
  const { sdk, image } = parseVersions(await at("AT+GMR"));
  const mode = parseNetMode(await at("AT+CWNETMODE?"));
  const fw = parseFw(await at("AT+PART?"));
  return { version: sdk, profile: mode, image, place: { slot: fw.active, age: fw.age } };
}

/** The firmware that answers is this one, and calls itself so in each of its answers. @returns from where it runs. */
export async function expectToRun(bench: Bench, { profile, version }: Firmware) {
  const told = await toldBy(bench);
  // 2.0.75 bears no marker.
  bench.expect({ ...told, image: told.image ?? profile }).toMatchObject({ version, profile, image: profile });
  return told.place;
}
