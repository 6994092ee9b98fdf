import { strap } from "../../../harness/session/strap.js";
import { hardwareBay } from "../../../rigs/hardware.js";
import { BCM, type Bench, type Driver, emptyPort, rigConfig, soon } from "./bench.js";
import { distribution, edgesOf, judgeStraps, tellEdges } from "./judge.js";

/** Longest that a sequence takes, of which 200 ms are asked for. */
const SEQUENCE_MS = 2000;

/** A run opens its rig once a case. */
const REOPENED = 3;

/**
 * Straps the module into its boot ROM again and again, with the drivers and the sequence of the product. The kernel's
 * own record must hold those edges and none besides, and no pulse that is too short.
 */
export async function strapSequences(bench: Bench, driver: Driver, sequences: number): Promise<string[]> {
  bench.release();
  using port = emptyPort();
  const bay = hardwareBay(rigConfig(driver, { port: port.path, chipEn: "asserted" }), bench.clock);
  const rig = await bay.open(soon(bench));
  bench.trace.clear();
  const deadline = soon(bench, sequences * SEQUENCE_MS);
  for (let done = 0; done < sequences; done++) await strap(rig, "rom", deadline);
  await rig[Symbol.asyncDispose]();
  for (let again = 0; again < REOPENED; again++) await (await bay.open(soon(bench)))[Symbol.asyncDispose]();
  const edges = edgesOf(bench.trace.changes(), bench.lines, { boot: "low", chipEn: "high" });
  const { wrong, resetMs, holdMs } = judgeStraps(edges, sequences);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  return [
    `${sequences} sequences, ${edges.length} edges, none besides, nor from opening the rig ${REOPENED} times more`,
    `CHIP_EN low: ${distribution(resetMs)}`,
    `BOOT held after CHIP_EN rose: ${distribution(holdMs)}`,
  ];
}

/** A rig that is opened finds its lines where the last one left them, and moves none: an onoff line stays exported. */
export async function opensQuietly(bench: Bench): Promise<string[]> {
  bench.release();
  using port = emptyPort();
  for (const chipEn of ["asserted", "released"] as const) {
    const bay = hardwareBay(rigConfig("onoff", { port: port.path, chipEn }), bench.clock);
    await (await bay.open(soon(bench)))[Symbol.asyncDispose]();
    bench.trace.clear();
    const left = bench.chip.level(BCM.chipEn);
    const start = { boot: "low", chipEn: left ? "high" : "low" } as const;
    for (let time = 0; time < 5; time++) await (await bay.open(soon(bench)))[Symbol.asyncDispose]();
    const edges = edgesOf(bench.trace.changes(), bench.lines, start);
    if (edges.length > 0) throw new Error(`CHIP_EN ${chipEn}: expected nothing to move; found ${tellEdges(edges)}`);
    if (left !== (chipEn === "asserted")) throw new Error(`CHIP_EN: expected ${chipEn}; the pin is ${left}`);
  }
  return ["5 times with CHIP_EN high, 5 times with CHIP_EN low: no edge"];
}
