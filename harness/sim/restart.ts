/** How the reset command ends what the ROM does. Never leaves the simulated module. */
export class Restart extends Error {}
