import type { Deadline } from "../../base/time.js";
import type { Rig } from "../../base/wire.js";
import type { Observer } from "../../session/stage.js";
import { strap } from "../../session/strap.js";

/** How the module is left: as asked for, or as the command usually does. */
export interface Leave {
  readonly asked: "run" | "rom" | "off" | undefined;
  readonly usual: "run" | "rom" | "off";
  /** What the command's own work leaves behind. */
  readonly worked: "run" | "rom";
}

/**
 * Leaves the module running, in its boot ROM, or off, after the command's work. What the line driver cannot hold once
 * the process has ended is said; of a simulated module only when it was asked for, since it is gone anyway.
 */
export async function leaveModule(
  rig: Rig,
  { asked, usual, worked }: Leave,
  simulated: boolean,
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const leave = asked ?? usual;
  if (rig.straps === undefined) {
    if (asked !== undefined && asked !== "rom")
      observer.note?.(`${rig.name}: not left as ${asked}: it drives no lines`);
    return;
  }
  if (leave === "off") await rig.straps.set("chipEn", false, deadline);
  else if (leave !== worked) await strap(rig, leave === "rom" ? "rom" : "application", deadline);
  rig.keep();
  const matters = leave !== "off" && (asked !== undefined || !simulated);
  if (matters && rig.cannotHold !== undefined) observer.note?.(`${rig.name}: not left as ${leave}: ${rig.cannotHold}`);
}
