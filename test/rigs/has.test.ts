import { expect, test } from "@jest/globals";
import { loadRig } from "../../rigs/file/load.js";
import { hasOf } from "../../rigs/has.js";
import { rigFile } from "./rig-file.js";

const PORT = "serial: { path: /dev/x }\n";
const has = (text: string, isTTY = false) => hasOf(loadRig(rigFile(`name: bench\n${text}`)), isTTY);

test("what a rig has, by its file and its driver", () => {
  expect(hasOf(loadRig("sim"), false)).toEqual(["lines", "power", "ready", "spi", "sim", "faults", "sacrificial"]);
  expect(has(`straps: { driver: none }\n${PORT}`)).toEqual([]);
  expect(has(`labels: [slow, attic]\nstraps: { driver: none }\n${PORT}`)).toEqual(["slow", "attic"]);
  expect(has(`straps: { driver: manual }\n${PORT}`)).toEqual([]);
  expect(has(`straps: { driver: manual }\n${PORT}`, true)).toEqual(["lines"]);
  const pins = "boot: { bcm: 17 }, chipEn: { bcm: 27 }, power: { bcm: 22 }, ready: { bcm: 23 }";
  expect(has(`straps: { driver: chardev, ${pins} }\n${PORT}`)).toEqual(["lines", "power", "ready"]);
  const spidev = "spi: { driver: spidev, path: /dev/spidev0.0, cs: { bcm: 8 } }";
  expect(has(`straps: { driver: chardev, ${pins} }\n${PORT}${spidev}\n`)).toEqual(["lines", "power", "ready", "spi"]);
  expect(has(`straps: { driver: none }\n${PORT}spi: { driver: socket, path: spi }\n`)).toEqual(["ready", "spi"]);
});

test("a label makes no capability", () => {
  const rig = (label: string) => has(`labels: [${label}]\nstraps: { driver: none }\n${PORT}`);
  expect(rig("sacrificial")).toEqual(["sacrificial"]);
  for (const label of ["lines", "power", "ready", "spi", "sim", "faults"])
    expect(() => rig(label)).toThrow(/labels.*expected a label other than lines, power, ready, spi, sim, faults/);
});
