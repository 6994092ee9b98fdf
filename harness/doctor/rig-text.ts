import { jsonOf } from "../base/clean.js";
import type { NewLine, NewRig, NewSpi } from "./new-rig.js";

/** A rig file with every field explained; what has a default and was not asked for stands there with it. */
export function rigText({ name, driver, port, socket, boot, chipEn, power, ready, spi }: NewRig): string {
  return `# A rig: one module, how it is wired, and what may be done to it.
# Check it with \`st67-hil doctor --rig THIS_FILE\`, then with --active.

# Its name, in reports and in its lock: one line, without slashes.
name: ${text(name)}

# Words of your own.
labels: []

straps:
  # Who drives BOOT and CHIP_EN. onoff: GPIO by sysfs; chardev: GPIO by character device; modem: DTR and RTS of the
  # serial port; manual: a person at a terminal; none: somebody else; socket: \`st67-hil sim\`; sim: a simulated module.
  driver: ${driver}
${field("boot", boot, "{ bcm: 17, active: high }", "BOOT: high as CHIP_EN rises, the module starts its boot ROM.")}
${field("chipEn", chipEn, "{ bcm: 27, active: high }", "CHIP_EN: low, the module is off. It has no pull-up in the module.")}
${field("power", power, "{ bcm: 22, active: high }", "A switch of the module's supply; without this field there is none.")}
${field("ready", ready, "{ bcm: 23, active: high }", "The module's SPI_RDY as an input, a cheap sign of a boot; without this field there is none.")}
  # The control socket of a simulated module in another process, for the driver socket.
${socket === undefined ? "  # path: ./lines" : `  path: ${text(socket)}`}

serial:
  # port: a serial port of this machine; sim: a simulated one.
  driver: ${driver === "sim" ? "sim" : "port"}
  # Device of the port; names under /dev/serial/by-id stay what they are.
${port === undefined ? "  # path: /dev/ttyAMA0" : `  path: ${text(port)}`}
  # Baud of the handshake with the boot ROM.
  bootBaud: 500000
  # Baud of everything after it. A number is binding; auto takes the fastest that works.
  loadBaud: 2000000
  # Bytes of flash that are asked for at once. More saves pauses between them, where the module answers with more.
  readBytes: 2048
  # Bytes of a file that go with one command. More is not known to be taken; after any trouble it is 2048.
  writeBytes: 2048

# The module's host interface; without this group there are no wires to it. driver: spidev, a device of this machine, with an
# overlay that leaves chip select free; socket: \`st67-hil sim --spi\`; sim: the simulated module's. speedHz: up to 40000000.
# cs: the line that selects the module, high; SPI_RDY is straps.ready.
${spi === undefined ? `# spi: ${SPI_EXAMPLE}` : spiText(spi)}

timing:
  # Milliseconds that CHIP_EN is low at a reset.
  resetMs: 100
  # Milliseconds that BOOT is held after CHIP_EN rose.
  strapHoldMs: 100
  # Milliseconds without supply, at a power cycle.
  powerOffMs: 500
  # Longest time of a boot until its banner, in milliseconds.
  bootMs: 4000
  # Milliseconds from CHIP_EN's rise until the boot ROM is greeted first; the vendor's tool releases BOOT before.
  greetMs: 25
  # Milliseconds between the boot ROM's OK and the question whether it hears; the vendor's tool waits 500.
  settleMs: 10
  # The same behind a change of the rate; the vendor's tool waits 110.
  rateSettleMs: 10

# The lines after a run, whatever happened.
safeState:
  # asserted: high at the module; released: low.
  boot: released
  # released: the module is off; asserted: it is enabled.
  chipEn: released
  # on or off, where there is a power switch.
  power: "on"

# What this rig can see of a boot: banner (on the UART), ready (SPI_RDY), at (an answer over SPI), none.
bootProof: [${ready === undefined ? "banner" : "banner, ready"}]

# The module that must be on the bench, by its 12 hex digits in \`st67-hil chip info\`; without this field: any.
# module: { chipId: "40827b037742" }

# Firmware known to be good, to tell a bad rig from a bad firmware; without this field: none.
# reference: { profile: t02, fwVersion: "2.0.106" }

allow:
  # May fuses be burned? They cannot be undone.
  efuse: false
  # May a signed image go to a module that is not, or not known to be, locked? It may lock it for good.
  unlocked: false

wear:
  # Sector erases that the module may take from us.
  eraseBudget: 50000
`;
}

const SPI_EXAMPLE = "{ driver: spidev, path: /dev/spidev0.0, speedHz: 10000000, cs: { bcm: 8, active: high } }";

const spiText = ({ path, cs }: NewSpi): string =>
  `spi: { driver: spidev, path: ${text(path)}, speedHz: 10000000, cs: ${lineText(cs)} }`;

/** A field of \`straps\`, or what it would be. */
function field(name: string, line: NewLine | undefined, example: string, comment: string): string {
  return `  # ${comment}\n  ${line === undefined ? `# ${name}: ${example}` : `${name}: ${lineText(line)}`}`;
}

function lineText(line: NewLine): string {
  if ("bcm" in line) return `{ bcm: ${line.bcm}, active: high }`;
  if ("chip" in line) return `{ chip: ${text(line.chip)}, offset: ${line.offset}, active: high }`;
  return `{ line: ${line.line}, active: ${line.active} }`;
}

/** Quoted, so that YAML takes it for nothing else, and a person who looks at the file sees what is there. */
const text = (value: string): string => jsonOf(value);
