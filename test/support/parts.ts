import { writeFileSync } from "node:fs";

const PARTS = 32;
const PART_BYTES = 4096;
const ADDRESS = 0x378000;
/** What a flash tells before the parts: it has entered the boot ROM, read its info, set clock and parameters. */
const STAGES_BEFORE = 4;
/** Erase, write, verify. */
const STAGES_OF_PART = 3;

/**
 * Writes many small files, and a config file for them: a flash of it tells of a stage every few milliseconds, so that a
 * kill can be timed by what it has told. By a clock it would come too late on a quick machine.
 *
 * @returns the config file.
 */
export function writeParts(folder: { file(name: string): string }): string {
  const sections = Array.from({ length: PARTS }, (_, part) => {
    const bytes = Uint8Array.from({ length: PART_BYTES }, (_, index) => (index * 7 + (index >> 8) + part) & 0xff);
    writeFileSync(folder.file(`part-${part}`), bytes);
    return `[part-${part}]\nfiledir = ./part-${part}\naddress = 0x${(ADDRESS + part * PART_BYTES).toString(16)}\n`;
  });
  writeFileSync(folder.file("parts.ini"), `[cfg]\nerase = 1\n${sections.join("")}`);
  return folder.file("parts.ini");
}

/** How many stages are to have ended, from 1 on: half of the work at least is still to come then. */
export const momentOf = (random: () => number): number =>
  1 + Math.floor(random() * (STAGES_BEFORE + (STAGES_OF_PART * PARTS) / 2));

/** How many have ended, as a flash tells on its standard error: `erase   0.016 s  8192 bytes`. */
export const stagesIn = (stderr: string): number => stderr.match(/^[a-z].* \d+\.\d{3} s/gm)?.length ?? 0;
