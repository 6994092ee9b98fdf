import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { ReadyInput, Rig } from "../base/wire.js";
import { type Banner, readBanner, startApplication } from "./boot.js";
import { greet, heardWithin, isOk } from "./greet.js";
import { enterRom } from "./handshake.js";
import { waitUntil } from "./strap-pulse.js";

/** How often SPI_RDY is looked at. */
export const READY_POLL_MS = 5;

/** A banner may come as soon as 300 ms after CHIP_EN, and the end of the start, with its words, 854 ms after it. */
const REST_MS = 600;

/** What shows that an application runs, and will show when it is started anew. */
export interface Running {
  /** From the rise of CHIP_EN to the version in its banner; `undefined`: the rig does not observe it. */
  readonly bannerMs: number | undefined;
  /** SPI_RDY has fallen with the reset, and risen. */
  readonly isReady: boolean;
}

/**
 * Resets the module with BOOT released, and sees its application start by what this rig observes: one sign of it is enough.
 * Where it observes nothing, the boot ROM at least does not answer.
 *
 * @throws HarnessError ROM_UNASKED where the ROM answers all the same; BOOT_UNSEEN where nothing comes of what the rig says it
 * observes, though the ROM can be reached; NOT_IN_ROM where that cannot be, either; BOOT_REJECTED.
 */
export async function startRunning(rig: Rig, deadline: Deadline): Promise<Running> {
  const start = await startApplication(rig, deadline);
  const ready = rig.bootProof.includes("ready") ? rig.ready : undefined;
  // One that is asserted so soon shows nothing.
  const falls = ready !== undefined && !(await ready.read());
  const mustPrint = rig.bootProof.includes("banner");
  // Where nothing is to be observed, one that comes all the same is.
  const banner = mustPrint || ready === undefined ? await bannerOf(rig, start, deadline) : undefined;
  const bannerMs = banner instanceof HarnessError ? undefined : banner?.ms;
  const isReady = falls && (await rises(ready, rig, start, deadline));
  if (bannerMs !== undefined || isReady) {
    await comeToRest(rig, start, deadline);
    return { bannerMs, isReady };
  }
  await waitUntil(start + rig.timing.bootMs, deadline);
  await refuseUnasked(rig, deadline);
  if (!mustPrint && !falls) return { bannerMs, isReady };
  await enterRom(rig, deadline);
  const silence = mustPrint && banner instanceof HarnessError ? banner : undefined;
  const missing = silence?.message ?? `${rig.name}: SPI_RDY did not rise within ${rig.timing.bootMs} ms of CHIP_EN`;
  throw new HarnessError("BOOT_UNSEEN", `${missing}; and the boot ROM does answer when it is asked for`, {
    ...(silence !== undefined && { cause: silence }),
  });
}

/** Or its silence. */
async function bannerOf(rig: Rig, start: number, deadline: Deadline): Promise<Banner | HarnessError> {
  try {
    return await readBanner(rig, start, deadline);
  } catch (error) {
    if (error instanceof HarnessError && error.code === "BOOT_SILENT") return error;
    throw error;
  }
}

/** What it says late in its start would be taken for a sign of the next one. */
async function comeToRest({ wire, timing }: Rig, start: number, deadline: Deadline): Promise<void> {
  while (deadline.clock.now() - start < timing.bootMs)
    if ((await heardWithin(wire, deadline, REST_MS)).length === 0) return;
}

async function rises(ready: ReadyInput, { timing }: Rig, start: number, deadline: Deadline): Promise<boolean> {
  for (;;) {
    if (await ready.read()) return true;
    if (deadline.clock.now() - start >= timing.bootMs) return false;
    await deadline.sleep(READY_POLL_MS);
  }
}

/** A ROM that answers without a strap answers with any. */
async function refuseUnasked(rig: Rig, deadline: Deadline): Promise<void> {
  await rig.wire.setBaud(rig.bootBaud, deadline);
  const heard = await greet(rig.wire, deadline);
  if (!isOk(heard)) return;
  throw new HarnessError(
    "ROM_UNASKED",
    `${rig.name}: the boot ROM answers after a reset with BOOT released (${hex(heard)}): that it answers after a strap proves nothing`,
  );
}
