import { AGENTS } from "./scenes/agents.js";
import { RUNS } from "./scenes/runs.js";
import { SERVER } from "./scenes/server.js";
import type { Scene } from "./stage.js";

/** By the name that `--scene` takes. */
export const SCENES: Readonly<Record<string, Scene>> = { ...RUNS, ...AGENTS, ...SERVER };
