import { adapterOf } from "./adapters.js";
import { failed, type Judgement, notApplicable, passed, type Rule, warned } from "./check.js";
import { type Facts, topBaud } from "./facts.js";
import type { PortFacts, UsbFacts } from "./port-facts.js";

/** A PL011 samples each bit 16 times. */
const CLOCKS_PER_BIT = 16;
const NO_PORT = "this rig has no serial port of this machine";
const FIND = "List what is plugged in with `ls -l /dev/serial/by-id`, and correct serial.path in the rig file.";
const LOOPBACK = "The rate that is read back proves nothing here: connect TX to RX and run a loopback at this rate.";
const NO_LOGIN =
  "Run `sudo raspi-config`, Interface Options, Serial Port: login shell no, hardware yes; then start the machine again.";

/** A check of a port that is there. */
function ofPort(judge: (port: PortFacts, facts: Facts) => Judgement): Rule["judge"] {
  return (facts) => {
    if (facts.port === undefined) return notApplicable(NO_PORT);
    return facts.port.real === undefined ? notApplicable(`${facts.port.path} is not there`) : judge(facts.port, facts);
  };
}

/** A check of a port that is a UART of the kernel's, not a pseudo-terminal. */
const ofUart = (judge: (port: PortFacts & { name: string }, facts: Facts) => Judgement): Rule["judge"] =>
  ofPort((port, facts) =>
    port.name === undefined ? notApplicable(`${port.path} is no UART`) : judge({ ...port, name: port.name }, facts),
  );

/** The part of `portIdentity` without which nothing can be opened. */
export const portThere: Rule = {
  id: "port-identity",
  expected: "a serial port",
  judge: ({ port, stablePorts }) => {
    if (port === undefined) return notApplicable(NO_PORT);
    if (port.real === undefined) {
      const others = stablePorts.length === 0 ? "no USB adapter is plugged in" : `there is ${stablePorts.join(", ")}`;
      return failed(`${port.path} is not there; ${others}`, FIND);
    }
    if (port.name !== undefined) return passed(port.name);
    if (isPseudo(port)) return passed(`${port.path} is a pseudo-terminal, with a program at its other end`);
    return failed(`${port.path} is no serial port`, FIND);
  },
};

export const portIdentity: Rule = {
  id: "port-identity",
  expected: "a serial port; on a Raspberry Pi the PL011 at GPIO 14 and 15",
  judge: (facts) => {
    const { port } = facts;
    if (port?.name === undefined) return portThere.judge(facts);
    const found = `${port.name}, driver ${port.driver ?? "unknown"}${of(port.compatible.join(", "))}`;
    if (isMiniUart(port)) {
      return failed(
        `${found}: the mini-UART, whose rate follows the core clock`,
        "Add `dtoverlay=disable-bt` to config.txt, run `sudo systemctl disable hciuart`, start the machine again, and use /dev/ttyAMA0.",
      );
    }
    if (port.name === "ttyAMA10") {
      return failed(
        `${found}: the debug header of a Raspberry Pi 5`,
        "Add `dtparam=uart0=on` to config.txt, start the machine again, and use /dev/ttyAMA0: that is GPIO 14 and 15.",
      );
    }
    return passed(found);
  },
};

export const uartClock: Rule = {
  id: "uart-clock",
  expected: "a UART clock of 16 times the working rate, or more",
  judge: ofUart((port, { config, opening }) => {
    if (!isPl011(port)) return notApplicable(`${port.name} is no PL011`);
    const { uartclk } = opening.opened ? opening.live : port.live;
    if (uartclk === undefined || uartclk === 0) return notApplicable(`the clock of ${port.name} cannot be read now`);
    const found = `${uartclk} Hz: up to ${Math.floor(uartclk / CLOCKS_PER_BIT)} Bd`;
    if (uartclk >= CLOCKS_PER_BIT * topBaud(config)) return passed(found);
    return failed(found, "Add `init_uart_clock=48000000` to config.txt and start the machine again.");
  }),
};

export const console: Rule = {
  id: "console",
  expected: "no console and no login on the port",
  judge: ofUart(({ name, consoles }) =>
    consoles.length === 0 ? passed(`${name} is no console`) : failed(consoles.join("; "), NO_LOGIN),
  ),
};

export const actualBaud: Rule = {
  id: "actual-baud",
  expected: "every rate of the rig within 2 %",
  judge: ofPort((port, { config, opening }) => {
    if (!opening.opened) {
      if (opening.advice !== undefined) return failed(opening.why, opening.advice);
      return notApplicable(`not tried: ${opening.why}`);
    }
    const wrong = opening.rates.filter(({ trouble }) => trouble !== undefined);
    const rates = opening.rates.map(({ baud }) => `${baud} Bd`).join(", ");
    if (wrong.length === 0) return passed(rates);
    const chip = port.usb && adapterOf(port.driver, port.usb);
    const limit = chip === undefined ? "" : ` The adapter is a ${chip.chip}: ${limits(chip)}.`;
    const advice = `Use an adapter or a UART that makes this rate, or lower serial.loadBaud in the rig file.${limit}`;
    const found = wrong.map(({ trouble }) => trouble).join("; ");
    return config.serial.loadBaud === "auto" ? warned(found, advice) : failed(found, advice);
  }),
};

export const usbAdapter: Rule = {
  id: "usb-adapter",
  expected: "a USB adapter that is known to make the working rate",
  judge: ofUart((port, { config, opening }) => {
    const { usb, driver } = port;
    if (usb === undefined) return notApplicable(`${port.name} is not on USB`);
    const adapter = adapterOf(driver, usb);
    const found = `${driver ?? "no driver"} ${usb.vendor}:${usb.product}${releaseOf(usb)}${of(usb.name)}`;
    const baud = topBaud(config);
    if (adapter === undefined)
      return warned(`${found}: not in our table`, "Look its fastest rate up in its data sheet.");
    const what = `${found}: ${adapter.chip}, ${limits(adapter)}`;
    const slower = `Use an adapter that makes ${baud} Bd, or lower serial.loadBaud in the rig file.`;
    if (adapter.fastest < baud) return config.serial.loadBaud === "auto" ? warned(what, slower) : failed(what, slower);
    if (!adapter.verifiable) return warned(`${what}; not verifiable`, LOOPBACK);
    const proven = opening.opened && opening.rates.every(({ trouble }) => trouble === undefined);
    if (adapter.slowest >= baud || proven) return passed(what);
    return warned(what, "Its id does not tell which chip it is: what actual-baud reads back does.");
  }),
};

export const ftdiLatency: Rule = {
  id: "ftdi-latency",
  expected: "a latency timer of 1 ms",
  judge: ofUart((port, { opening }) => {
    if (port.driver !== "ftdi_sio") return notApplicable(`${port.name} is no FTDI adapter`);
    const { latency } = port.live;
    if (latency === undefined) return notApplicable("the latency timer cannot be read");
    if (latency <= 1) return passed(`${latency} ms`);
    if (opening.opened && opening.live.latency === 1) return passed(`${latency} ms at rest, 1 ms while it is open`);
    return warned(
      `${latency} ms: short answers may wait that long`,
      'st67-hil sets 1 ms while it has the port. For other programs, a udev rule: ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1".',
    );
  }),
};

export const uartDma: Rule = {
  id: "uart-dma",
  expected: "a Raspberry Pi 5's UART without DMA",
  judge: ofUart((port, { machine }) => {
    if (!machine.model?.includes("Raspberry Pi 5") || port.usb !== undefined) {
      return notApplicable(`${port.name} is no UART of a Raspberry Pi 5`);
    }
    if (machine.dma === undefined) return notApplicable("only root may read which channels are in use");
    const line = machine.dma.split("\n").find((line) => port.device !== undefined && line.includes(port.device));
    if (line === undefined) return passed(`${port.name} uses no DMA channel`);
    return warned(line.trim(), "Upgrade the kernel: `sudo apt full-upgrade`, then start the machine again.");
  }),
};

export const stableName: Rule = {
  id: "stable-name",
  expected: "a name under /dev/serial/by-id, for an adapter on USB",
  judge: ofUart(({ path, name, usb, stableNames }) => {
    if (usb === undefined) return passed(`${name} is on the board and keeps its name`);
    if (!/^\/dev\/tty(USB|ACM)\d+$/.test(path)) return passed(path);
    const [better] = stableNames;
    const use = better === undefined ? "the name under /dev/serial/by-id" : better;
    return warned(`${path}: another adapter may get this name`, `Set serial.path to ${use}.`);
  }),
};

export const portInUse: Rule = {
  id: "port-in-use",
  expected: "nobody else at the port",
  judge: ofPort((port, { opening }) => {
    const advice = "End what uses the port: a terminal program, a login shell, ModemManager or another st67-hil.";
    const pseudo = isPseudo(port);
    const holders = port.holders.map(({ pid, command }) => `${command} (pid ${pid})`).join(", ");
    if (holders !== "" && !pseudo) return failed(`in use by ${holders}`, advice);
    if (!opening.opened && opening.busy) return failed(opening.why, advice);
    return pseudo
      ? notApplicable("a pseudo-terminal is held open by the program at its other end")
      : passed("nobody, as far as one can see");
  }),
};

export const isPseudo = ({ real, name }: PortFacts): boolean =>
  name === undefined && real !== undefined && real.startsWith("/dev/pts/");

const isMiniUart = ({ driver, compatible }: PortFacts): boolean =>
  driver === "bcm2835-aux-uart" || compatible.some((each) => each.endsWith("-aux-uart"));

const isPl011 = ({ driver, compatible }: PortFacts): boolean =>
  driver === "uart-pl011" || compatible.some((each) => /pl011/.test(each));

const limits = ({ slowest, fastest }: { slowest: number; fastest: number }): string =>
  slowest === fastest ? `up to ${fastest} Bd` : `up to ${slowest} or ${fastest} Bd, by type`;

const releaseOf = ({ release }: UsbFacts): string => (release === undefined ? "" : `, release ${release}`);

const of = (text: string | undefined): string => (text === undefined || text === "" ? "" : ` (${text})`);
