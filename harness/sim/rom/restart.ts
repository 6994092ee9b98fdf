/** How a command, or boot2, ends what the module does with a reset of the die. Never leaves the simulated module. */
export class Restart extends Error {
  /** Start what is on the flash, whatever BOOT says. */
  readonly toFlash: boolean;

  constructor(toFlash = false) {
    super("restart");
    this.toFlash = toFlash;
  }
}
