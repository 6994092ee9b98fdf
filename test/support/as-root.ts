import { where } from "./where.js";

/** Tests that give files away, or ask what root alone is asked. */
export const { test: testAsRoot, without: WITHOUT_ROOT } = where(process.geteuid?.() === 0 ? undefined : "needs root");
