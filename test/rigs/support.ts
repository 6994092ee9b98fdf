import { HarnessError } from "../../harness/base/errors.js";
import type { Terminal } from "../../rigs/lines/terminal.js";

/** No process has it: the kernel counts to 4194304 at most. */
export const NOBODY = 2 ** 30;

/** The error that `act` throws. */
export function thrownBy(act: () => unknown): HarnessError {
  try {
    act();
  } catch (error) {
    if (error instanceof HarnessError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The lines of a RIG_INVALID message, without the file's folder. */
export function mistakesOf(act: () => unknown): string[] {
  const { code, message } = thrownBy(act);
  if (code !== "RIG_INVALID") throw new Error(`${code}: ${message}`);
  return message
    .split("\n")
    .slice(1)
    .map((line) => line.trim().replace(/^\/\S*\//, ""));
}

export const BENCH = `name: pi4-bench-1
labels: []
straps:
  driver: onoff            # onoff | chardev | modem | manual | none | socket (path:) | sim
  boot:   { bcm: 17, active: high }
  chipEn: { bcm: 27, active: high }
  power:  { bcm: 22, active: high }
  ready:  { bcm: 23 }
serial:
  driver: port             # port | sim
  path: /dev/serial/by-id/usb-FTDI_1
  bootBaud: 500000
  loadBaud: 2000000
spi:
  driver: spidev           # spidev | sim | socket (path: of sim --spi)
  path: /dev/spidev0.0     # with an overlay that leaves chip select free
  speedHz: 10000000
  cs: { bcm: 8 }           # active high, held over several transfers; SPI_RDY is straps.ready
timing: { resetMs: 100, strapHoldMs: 100, powerOffMs: 500, bootMs: 4000, settleMs: 10, rateSettleMs: 10 }
safeState: { boot: released, chipEn: released, power: on }
bootProof: [banner]        # banner | ready | at | none
module: { chipId: 40827b037742 }
reference: { profile: t02, fwVersion: 2.0.106 }
allow: { efuse: false, unlocked: false }
wear: { eraseBudget: 50000 }
sim:
  state: FILE
  contents: factory
  chipId: 40827b037742
  jedec: c46016
  locked: true
  keyHash: auto
  flash: { pageMs: 0.7, sectorEraseMs: 8, chipEraseMs: 6.3, shaBytesPerSec: 1200000, jitter: 0 }
  wiring: { boot: ok, chipEn: ok, txRx: ok }
  link: { maxBaud: 3000000 }
  appLog: true
`;

/** A person at a terminal who does what `ask` says, and what that person was asked and told. */
export function scriptedTerminal(answer: () => Promise<void> = async () => undefined, isTTY = true) {
  const prompts: string[] = [];
  const told: string[] = [];
  const signals: AbortSignal[] = [];
  const terminal: Terminal = {
    isTTY,
    ask: (prompt, signal) => {
      prompts.push(prompt);
      signals.push(signal);
      return answer();
    },
    tell: (text) => void told.push(text),
  };
  return { prompts, told, signals, terminal };
}
