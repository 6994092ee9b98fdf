import { type Firmware, HarnessError, type Matrix, scenario, updateOf } from "../harness/run/index.js";
import { missionsOf, toldBy } from "./parts/firmware-over-spi.js";
import { OVER_THE_AIR, UPDATED_MS } from "./parts/updates.js";
import { leaveWith, refusedWith } from "./parts/wrong.js";

/**
 * The header of an update does not tell its profile. So one of another profile is refused by what the image in it says, before a
 * byte of it is sent. What a module would make of it nobody knows: where the module may be lost, that is tried and recorded.
 */
export default scenario({
  name: "ota-other-profile",
  ...OVER_THE_AIR,
  ladder: 8,
  parameters: (matrix) =>
    othersOf(matrix).flatMap(([before, to]) => [
      { label: `${before.label} -> ${to.label} refused`, firmwares: [before, to], before, to, isSent: false },
      {
        label: `${before.label} -> ${to.label} sent`,
        firmwares: [before, to],
        before,
        to,
        isSent: true,
        needs: ["sacrificial"],
      },
    ]),
  async run(bench, { before, to, isSent }) {
    await bench.boot(before);
    await refusedWith("OTA_UNSUITABLE", `${to.label} to ${before.label}`, bench.update(to, "raw"));
    if (!isSent) return;
    await offered(bench, to);
    await leaveWith(bench, before);
  },
});

async function offered(bench: Parameters<typeof leaveWith>[0], to: Firmware): Promise<void> {
  try {
    await bench.offerUpdate(updateOf(to, "raw"));
    await bench.restart(UPDATED_MS);
    const { profile, version } = await toldBy(bench);
    bench.note(`recorded: the module takes ${to.label}, and runs ${profile}@${version}`);
  } catch (error) {
    if (!(error instanceof HarnessError) || error.blame !== "firmware") throw error;
    bench.note(`recorded: ${error.code}: ${error.message}`);
  }
}

/** The newest of each profile to the newest of each other. */
function othersOf(matrix: Matrix): [Firmware, Firmware][] {
  const newest = [...new Map(missionsOf(matrix).map((firmware) => [firmware.profile, firmware])).values()];
  return newest.flatMap((before) =>
    newest.filter((to) => to !== before).map((to): [Firmware, Firmware] => [before, to]),
  );
}
