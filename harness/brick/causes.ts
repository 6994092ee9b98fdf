/**
 * What interrupts a flash, made on the host's side alone: `chip-en`, CHIP_EN drops and comes back; `power`, the supply does;
 * `silence`, nothing of the module is heard until its next reset; `flip`, bytes of the frame at that moment are flipped;
 * `host`, the host dies, and a new one opens the module.
 */
export const CAUSES = ["chip-en", "power", "silence", "flip", "host"] as const;
export type Cause = (typeof CAUSES)[number];

/** What a rig needs for it, beside lines. */
export const needsOf = (cause: Cause): string[] => (cause === "power" ? ["power"] : []);
