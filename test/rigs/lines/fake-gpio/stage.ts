import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { namespaceFor, UNSHARE } from "../../../support/namespace.js";
import type { Report, Scene } from "./bench.js";

const JITI = "node_modules/jiti/lib/jiti-cli.mjs";
const SERVER = fileURLToPath(new URL("./server.ts", import.meta.url));
const BENCH = fileURLToPath(new URL("./bench.ts", import.meta.url));

const namespace = namespaceFor(": <> /dev/fuse && mount -t tmpfs fake /sys/class");

/** Why there is no stage here; `undefined`: there is. */
export const NO_STAGE = namespace === undefined ? "needs /dev/fuse, and root or user namespaces" : undefined;

/** A process that sees a fake kernel's GPIO files and drives them with the real package onoff. */
export interface Stage extends AsyncDisposable {
  play(scene: Scene): Promise<Report>;
}

/** @param hidden a folder that is empty for that process. */
export function openStage(hidden?: string): Stage {
  const hide = hidden === undefined ? "" : `mount -t tmpfs fake ${hidden} && `;
  const command = [process.execPath, JITI, SERVER, process.execPath, JITI, BENCH];
  const child = spawn(UNSHARE, [namespace ?? "", "sh", "-c", `${hide}exec "$@"`, "stage", ...command], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    play: async (scene) => {
      child.stdin.write(`${JSON.stringify(scene)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error("the stage ended");
      return JSON.parse(value) as Report;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
