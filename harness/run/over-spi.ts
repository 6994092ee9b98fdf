import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { cutPower, dropChipEn } from "../brick/blow.js";
import { tellWear } from "../flash/ota-wear.js";
import { fusesOver, updateModule } from "../flash/over-the-air.js";
import type { At } from "../ncp/at.js";
import { finishUpdate, MOST_CHUNK_BYTES, update, updatePart } from "../ncp/update.js";
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
  readonly note: Bench["note"];
  readonly contents: Contents;
  readonly talk: Talk;
}

/** The part of a bench that talks with the running firmware. */
export function overSpi(hands: Hands): Pick<Bench, "at" | "restart" | "update" | "offerUpdate" | "breakUpdate"> {
  const { rig, deadline, observer, step, note, contents, talk } = hands;
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
        note(`${from} has taken ${file.name}: ${tellPlace(applied.before)} before, ${tellPlace(applied.after)} now`);
        return applied;
      }),
    offerUpdate: async (file) => {
      refusePrecious(hands, "offerUpdate");
      await step(`offer ${file.name}`, async () => {
        const at = await talk.at();
        await tellWear(at, (await fusesOver(at, deadline))?.mac, file, deadline, observer);
        changing();
        await update(at, file, deadline);
      });
    },
    breakUpdate: async (firmware, kind, by) => {
      refusePrecious(hands, "breakUpdate");
      await step(`break off the update to ${firmware.label}, ${kind}`, async () => {
        changing();
        await brokenOff(hands, updateOf(firmware, kind), by);
      });
    },
  };
}

const tellPlace = ({ slot, age }: { readonly slot: number; readonly age: number }): string =>
  `slot ${slot}, age ${age}`;

/** In the middle of a chunk, or so long behind the OK of the whole. */
async function brokenOff(hands: Hands, file: UpdateFile, by: UpdateBreak): Promise<void> {
  const { deadline, observer, talk } = hands;
  const { bytes } = file;
  if ("byte" in by && by.byte >= bytes.length)
    throw new HarnessError(
      "SCENARIO_INVALID",
      `breakUpdate: expected a byte of ${file.name}, below ${bytes.length}, got ${by.byte}`,
    );
  const at = await talk.at();
  await tellWear(at, (await fusesOver(at, deadline))?.mac, file, deadline, observer);
  const taken = await updatePart(at, file, "byte" in by ? by.byte : bytes.length, deadline);
  if ("byte" in by) return inChunk(hands, at, bytes.subarray(taken, taken + MOST_CHUNK_BYTES), by);
  await finishUpdate(at, file, deadline);
  await deadline.sleep(by.afterMs);
  await blow(hands, by.cause);
  talk.over();
}

/** What becomes of the chunk nobody asks, but for one that the module will not have. */
async function inChunk({ rig, deadline, talk }: Hands, at: At, chunk: Uint8Array, by: UpdateBreak): Promise<void> {
  const life = by.cause === "host" ? deadline.within(by.afterMs, `${rig.name}: the life of the host`) : deadline;
  let failed: unknown;
  const ended = at.data(`AT+OTASEND=${chunk.length}`, chunk, life).catch((error: unknown) => {
    failed = error;
  });
  try {
    await deadline.sleep(by.afterMs);
    if (failed instanceof HarnessError && failed.code === "AT_ERROR") throw failed;
    await blow({ rig, deadline }, by.cause);
  } finally {
    await ended;
    talk.over();
  }
}

async function blow({ rig, deadline }: Pick<Hands, "rig" | "deadline">, cause: UpdateBreak["cause"]): Promise<void> {
  if (cause === "power") await cutPower(rig, deadline);
  if (cause === "chip-en") await dropChipEn(rig, deadline);
}
