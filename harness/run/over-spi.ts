import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { cutPower, dropChipEn } from "../brick/blow.js";
import { updateModule } from "../flash/over-the-air.js";
import { finishUpdate, update, updatePart } from "../ncp/update.js";
import type { UpdateFile } from "../ncp/update-file.js";
import type { Observer } from "../session/stage.js";
import { updateOf } from "./container.js";
import type { Contents } from "./on-module.js";
import { refusePrecious } from "./precious.js";
import type { Bench, UpdateBreak } from "./scenario.js";
import type { Talk } from "./talk.js";

interface Hands {
  readonly rig: Rig;
  readonly sacrificial: boolean;
  readonly deadline: Deadline;
  readonly observer: Observer;
  readonly step: Bench["step"];
  readonly contents: Contents;
  readonly talk: Talk;
}

/** Longest chunk. */
const CHUNK_BYTES = 4096;

/** The part of a bench that talks with the running firmware. */
export function overSpi(hands: Hands): Pick<Bench, "at" | "restart" | "update" | "offerUpdate" | "breakUpdate"> {
  const { rig, deadline, observer, step, contents, talk } = hands;
  /** An update is a flash by another hand. */
  const changing = () => {
    contents.flashed = undefined;
  };
  return {
    at: async (command) => (await (await talk.at()).command(command, deadline)).lines,
    restart: (withinMs = rig.timing.bootMs) => step("restart", async () => ({ readyMs: await talk.restart(withinMs) })),
    update: (firmware, kind) =>
      step(`update to ${firmware.label}, ${kind}`, async () => {
        const file = updateOf(firmware, kind);
        const at = await talk.at();
        changing();
        const { from, ...applied } = await updateModule(at, file, rig, deadline, observer);
        observer.note?.(
          `${from} has taken ${file.name}: ${tellPlace(applied.before)} before, ${tellPlace(applied.after)} now`,
        );
        return applied;
      }),
    offerUpdate: async (file) => {
      refusePrecious(hands, "offerUpdate");
      await step(`offer ${file.name}`, async () => {
        const at = await talk.at();
        changing();
        await update(at, file, deadline);
      });
    },
    breakUpdate: async (firmware, kind, by) => {
      refusePrecious(hands, "breakUpdate");
      await step(`break off the update to ${firmware.label}, ${kind}`, async () => {
        changing();
        await brokenOff(hands, updateOf(firmware, kind), by);
        talk.over();
      });
    },
  };
}

const tellPlace = ({ slot, age }: { readonly slot: number; readonly age: number }): string =>
  `slot ${slot}, age ${age}`;

/** In the middle of a chunk, or so long behind the OK of the whole. What becomes of the command at work nobody asks. */
async function brokenOff({ rig, deadline, talk }: Hands, file: UpdateFile, by: UpdateBreak): Promise<void> {
  const at = await talk.at();
  const end = "byte" in by ? by.byte : file.bytes.length;
  const taken = await updatePart(at, file, end, deadline);
  const { bytes } = file;
  const last =
    "byte" in by
      ? at.data(
          `AT+OTASEND=${Math.min(CHUNK_BYTES, bytes.length - taken)}`,
          bytes.subarray(taken, taken + CHUNK_BYTES),
          deadline,
        )
      : finishUpdate(at, file, deadline);
  const ended = last.then(
    () => undefined,
    () => undefined,
  );
  if (!("byte" in by)) await ended;
  await deadline.sleep(by.afterMs);
  if (by.cause === "power") await cutPower(rig, deadline);
  if (by.cause === "chip-en") await dropChipEn(rig, deadline);
  await ended;
}
