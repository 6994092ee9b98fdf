/** How a command says ERROR. Never leaves the simulated module. */
export class AtError extends Error {}
