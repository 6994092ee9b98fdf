import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { type BroughtBack, bringBack } from "../brick/back.js";
import { type Interrupted, interrupt, type Target } from "../brick/interrupt.js";
import { type LeftFile, tellLeft } from "../brick/left.js";
import { openModule } from "../recover/open.js";
import { mayBeHelped, type Recovery } from "../recover/rung.js";
import type { Observer } from "../session/stage.js";
import type { Evidence } from "./evidence.js";
import type { Contents } from "./on-module.js";
import type { Bench, Firmware } from "./scenario.js";

interface Circumstances {
  readonly case: string;
  readonly rig: Rig;
  readonly recovery: Recovery;
  readonly deadline: Deadline;
  readonly observer: Observer;
  readonly evidence: Evidence;
  readonly step: Bench["step"];
  readonly contents: Contents;
}

/** The part of a bench that interrupts a flash and brings the module back: what came of it is kept with the case. */
export function interruptingBench(of: Circumstances): Pick<Bench, "interrupt" | "bringBack"> {
  const { case: name, rig, recovery, deadline, observer, evidence, step, contents } = of;
  const note = (message: string) => evidence.emit({ type: "note", case: name, message });
  return {
    interrupt: (firmware, by) =>
      step(`interrupt ${firmware.label}`, async () => {
        contents.flashed = undefined;
        const attempt = () => interrupt(rig, targetOf(firmware), by, deadline, observer);
        const interrupted = await attempt().catch(async (error) => {
          // It never came so far: what a rung of the ladder helps against is no answer yet.
          if (!mayBeHelped(error) || recovery.top === 0) throw error;
          note(`the flash did not come so far: ${error.code}: ${error.message}; opened by the ladder, and begun again`);
          await openModule(rig, deadline, observer, recovery);
          return attempt();
        });
        // Each step of it went well, and the last of them prove what is on the flash.
        if (interrupted.ended === "survived") contents.flashed = firmware;
        note(tellInterrupted(interrupted));
        return interrupted;
      }),
    bringBack: (firmware, interrupted) =>
      step(`bring back ${firmware.label}`, async () => {
        const keep = (left: readonly LeftFile[]) => keepLeft(left, name, evidence);
        const back = await bringBack(interrupted, targetOf(firmware), deadline, observer, recovery, keep);
        contents.flashed = firmware;
        note(tellBack(back));
        return back;
      }),
  };
}

const targetOf = (firmware: Firmware): Target => ({ plan: firmware.plan(), expected: firmware });

function tellInterrupted({ by, ended }: Interrupted): string {
  if (ended === "survived") return `${by}: the flash survived it`;
  if (ended === "host died") return `${by}: the host died`;
  return `${by}: ${ended.code}: ${ended.message}`;
}

const tellBack = ({ state, rung }: BroughtBack): string =>
  rung === 0 ? "back: no rung of the ladder was needed" : `back: ${state} by rung ${rung}`;

/** What an interruption left in the flash: a note, a measurement a file, `left.json`, and the sectors themselves. */
function keepLeft(left: readonly LeftFile[], name: string, evidence: Evidence): void {
  if (left.length === 0) return;
  const { emit } = evidence;
  emit({ type: "note", case: name, message: `left in the flash: ${tellLeft(left)}` });
  for (const { file, rightBytes } of left)
    emit({ type: "measurement", case: name, name: `left of ${file}`, value: rightBytes, unit: "B", ok: true });
  const told = left.map(({ sector, ...rest }) => ({
    ...rest,
    ...(sector && { sector: { address: sector.address, file: fileOf(rest.file, sector.address) } }),
  }));
  evidence.attach("left.json", `${JSON.stringify(told, undefined, 2)}\n`);
  for (const { file, sector } of left)
    if (sector !== undefined) evidence.attach(fileOf(file, sector.address), sector.data);
}

/** A section of an ini may be called anything. */
const fileOf = (file: string, address: number): string =>
  `left-${file.replace(/[^A-Za-z0-9]+/g, "-")}-${hexNumber(address)}.bin`;
