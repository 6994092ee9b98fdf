import { scenario, type UpdateBreak, updateOf } from "../harness/run/index.js";
import { BROKEN_UPDATES, bootsOneOf, KINDS, newestStepsOf } from "./parts/updates.js";
import { leaveWith } from "./parts/wrong.js";

/** Within a chunk: it is asked for, its sector is being erased, or its pages are written; in the middle of each as simulated. */
const INTO_CHUNK_MS = { asked: 0.5, erasing: 4, writing: 9 };
/** Behind OTAFIN: the table is written, the module restarts, boot2 expands and writes the table once more. */
const BEHIND_MS = [0, 2, 10, 50, 200, 700, 1500, 3000, 6000, 9000];
const PARTS = [0, 0.1, 0.5, 0.9];

type Cut = { readonly where: string } & ({ readonly part: number } | { readonly finished: true }) & {
    readonly afterMs: number;
  };

/** Names hold no durations. */
const CUTS: readonly Cut[] = [
  ...PARTS.flatMap((part) =>
    Object.entries(INTO_CHUNK_MS).map(([doing, afterMs]) => ({ where: `${100 * part}% ${doing}`, part, afterMs })),
  ),
  ...BEHIND_MS.map((afterMs, nth) => ({ where: `end, moment ${nth + 1}`, finished: true as const, afterMs })),
];

/** By whom, and what a rig needs for it beside lines. A host that dies behind its last command changes nothing. */
const CAUSES = { host: [], "chip-en": [], power: ["power"] } as const;

/**
 * An update is broken off at any of its stages: the host dies, or CHIP_EN or the supply drops. Whatever is left in the flash,
 * the module boots the old firmware or the new one, never none; and takes the whole update then.
 */
export default scenario({
  name: "ota-broken-off",
  ...BROKEN_UPDATES,
  parameters: (matrix) =>
    newestStepsOf(matrix).flatMap(([before, to]) =>
      KINDS.flatMap((kind) =>
        Object.entries(CAUSES).flatMap(([cause, needs]) =>
          CUTS.filter((cut) => cause !== "host" || ("part" in cut && cut.afterMs === INTO_CHUNK_MS.asked)).map(
            (cut) => ({
              label: `${before.label} -> ${to.label} ${kind} ${cause} ${cut.where}`,
              firmwares: [before, to],
              needs,
              before,
              after: before,
              to,
              kind,
              by: breakOf(cause as keyof typeof CAUSES, cut),
            }),
          ),
        ),
      ),
    ),
  async run(bench, { before, to, kind, by }) {
    await bench.boot(before);
    await bench.breakUpdate(to, kind, by(updateOf(to, kind).bytes.length));
    const runs = await bench.step("what is left boots", () => bootsOneOf(bench, [before, to]));
    if (runs !== to) await bench.update(to, kind);
    await leaveWith(bench, before);
  },
});

const breakOf =
  (cause: UpdateBreak["cause"], cut: Cut) =>
  (bytes: number): UpdateBreak =>
    "part" in cut
      ? { byte: Math.floor(cut.part * bytes), afterMs: cut.afterMs, cause }
      : { finished: true, afterMs: cut.afterMs, cause };
