import type { Deadline } from "../../harness/base/time.js";
import type { Rig } from "../../harness/base/wire.js";
import { type Banner, readBanner, startApplication } from "../../harness/session/boot.js";

/** A boot with BOOT released, and its banner. */
export async function bootNormally(rig: Rig, deadline: Deadline): Promise<Banner> {
  return readBanner(rig, await startApplication(rig, deadline), deadline);
}
