import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll } from "@jest/globals";
import { scratch } from "../support/scratch.js";

const folder = scratch();
afterAll(() => folder[Symbol.dispose]());
let count = 0;

/** A new rig file, `bench.yaml`, gone after the last test of the file that asked for it. */
export function rigFile(text: string): string {
  const file = folder.file(`${++count}/bench.yaml`);
  mkdirSync(dirname(file));
  writeFileSync(file, text);
  return file;
}
