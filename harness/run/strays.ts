import { AsyncLocalStorage } from "node:async_hooks";

/** Whose code runs: a timer, a promise or a callback keeps the case that made it. */
const makers = new AsyncLocalStorage<string>();

/** Runs `work` as the case `name`: what it leaves behind is known to be its own. */
export const asCase = <T>(name: string, work: () => T): T => makers.run(name, work);

/** The case whose code this is, however late; `undefined` for none. */
export const maker = (): string | undefined => makers.getStore();

/**
 * Errors that nobody awaits, with the case that made them, from now on: they end neither the process nor another case.
 */
export function hearStrays(hear: (error: unknown, name: string | undefined) => void): void {
  process.on("uncaughtException", (error) => hear(error, maker()));
  process.on("unhandledRejection", (error) => hear(error, maker()));
}
