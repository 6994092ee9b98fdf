import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { bootModule } from "../recover/boot.js";
import { enterRom } from "../session/handshake.js";
import { identify } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { strap } from "../session/strap.js";

/** What a command found: for people, and for programs. */
export interface Found {
  readonly lines: readonly string[];
  readonly document: unknown;
}

export async function chipBoot(rig: Rig, deadline: Deadline, observer: Observer): Promise<Found> {
  const boot = await bootModule(rig, undefined, undefined, deadline, observer);
  if (!boot.proven) return { lines: [`the boot is unproven: ${boot.reason}`], document: boot };
  if (boot.banner === undefined)
    return { lines: [`something boots: SPI_RDY rose in ${Math.round(boot.readyMs)} ms`], document: boot };
  const { version, profile, ms, text } = boot.banner;
  return {
    lines: [text.trimEnd(), `boots ${profile ?? "a firmware without a profile"}@${version} in ${Math.round(ms)} ms`],
    document: boot,
  };
}

export async function chipReset(rig: Rig, deadline: Deadline): Promise<Found> {
  await strap(rig, "application", deadline);
  return { lines: ["the module was reset with BOOT released"], document: { reset: true } };
}

export async function chipEnter(rig: Rig, deadline: Deadline): Promise<Found> {
  const info = await identify(rig, await enterRom(rig, deadline), deadline);
  return { lines: [`module ${info.chipId} is in its boot ROM`], document: { module: info.chipId } };
}
