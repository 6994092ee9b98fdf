import { type Board, runRom } from "../rom/rom.js";
import { runApplication } from "./application.js";
import { BOOT2_ADDRESS, load } from "./boot.js";
import { runBoot2 } from "./boot2.js";

/**
 * What a module does from one reset to the next.
 *
 * @param rom whether the ROM is asked for: BOOT was high at the reset, or boot2 left word.
 * @throws Restart when a host asks for the next one.
 */
export async function run(board: Board, rom: boolean, signal: AbortSignal): Promise<void> {
  if (rom || !load(board.silicon, BOOT2_ADDRESS, false).ok) {
    const { romDeafMs } = board.options.quirks;
    if (romDeafMs > 0) await board.clock.sleep(romDeafMs, signal);
    return runRom(board, signal);
  }
  const startMs = board.clock.now();
  const { body, expandingMs } = await runBoot2(board, startMs, signal);
  await runApplication(board, body, startMs + expandingMs, signal);
}
