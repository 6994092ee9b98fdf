import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  findLine,
  type GpioAddress,
  type GpioChip,
  persistsOutputs,
  sysfsChips,
} from "../../../rigs/lines/gpio-chips.js";
import { scratch } from "../../support/scratch.js";
import { thrownBy } from "../support.js";

const chip = (label: string, base: number, lines: number): GpioChip => ({
  name: `gpiochip${base}`,
  label,
  base,
  lines,
});
const VIRTUAL = chip("brcmvirt-gpio", 100, 8);
const EXPANDER = chip("raspberrypi-exp-gpio", 570, 8);
const PI4 = chip("pinctrl-bcm2711", 512, 58);

test.each<[string, GpioChip, GpioAddress, number]>([
  ["Zero 2 and Pi 3 on 6.12", chip("pinctrl-bcm2835", 512, 54), { bcm: 17 }, 529],
  ["Pi 3 up to 6.1", chip("pinctrl-bcm2835", 0, 54), { bcm: 17 }, 17],
  ["Pi 4 after 6.6", PI4, { bcm: 27 }, 539],
  ["Pi 5 on 6.6", chip("pinctrl-rp1", 571, 54), { bcm: 17 }, 588],
  ["Pi 5 on 6.1", chip("pinctrl-rp1", 399, 54), { bcm: 17 }, 416],
  ["Pi 5, newer stepping", chip("pinctrl-rp1", 650, 54), { bcm: 53 }, 703],
  ["by label", PI4, { chip: "pinctrl-bcm2711", offset: 57 }, 569],
  ["by name", PI4, { chip: "gpiochip512", offset: 0 }, 512],
  ["by sysfs number, the last", PI4, { sysfs: 569 }, 569],
])("a line's sysfs number: %s", (_, wanted, address, number) => {
  const { chip, offset } = findLine(address, [VIRTUAL, wanted], "boot");
  expect(chip).toBe(wanted);
  expect((chip.base ?? 0) + offset).toBe(number);
});

test.each<[GpioAddress, readonly GpioChip[], string]>([
  [
    { bcm: 17 },
    [VIRTUAL, EXPANDER],
    'boot: expected one chip labelled pinctrl-bcm2835, pinctrl-bcm2711, pinctrl-rp1 for BCM number 17; found gpiochip100 "brcmvirt-gpio" (base 100, 8 lines), gpiochip570 "raspberrypi-exp-gpio" (base 570, 8 lines)',
  ],
  [
    { bcm: 17 },
    [],
    "boot: expected one chip labelled pinctrl-bcm2835, pinctrl-bcm2711, pinctrl-rp1 for BCM number 17; found no GPIO chip",
  ],
  [
    { chip: "pinctrl-bcm2711", offset: 58 },
    [PI4],
    'boot: expected a line of gpiochip512 "pinctrl-bcm2711" (base 512, 58 lines); found line 58, past its end',
  ],
  [
    { chip: "twin", offset: 0 },
    [chip("twin", 0, 4), VIRTUAL, chip("twin", 8, 4)],
    'boot: expected one chip with the name or label "twin"; found 2 of them: gpiochip0 "twin" (base 0, 4 lines), gpiochip8 "twin" (base 8, 4 lines)',
  ],
  [
    { sysfs: 511 },
    [PI4],
    'boot: expected one chip with the sysfs number 511; found gpiochip512 "pinctrl-bcm2711" (base 512, 58 lines)',
  ],
  [
    { bcm: 53 },
    [{ name: "gpiochip0", label: "pinctrl-rp1", lines: 28 }],
    'boot: expected a line of gpiochip0 "pinctrl-rp1" (28 lines); found line 53, past its end',
  ],
])("%j among others is told with what was found", (address, chips, message) => {
  const error = thrownBy(() => findLine(address, chips, "boot"));
  expect(error).toMatchObject({ code: "GPIO_NOT_FOUND", blame: "config", details: { chips } });
  expect(error.message).toBe(message);
});

const anyChip = fc.record({
  name: fc.string(),
  label: fc.constantFrom("pinctrl-bcm2711", "pinctrl-rp1", "decoy", ""),
  base: fc.nat(1000),
  lines: fc.integer({ min: 1, max: 100 }),
});
const anyAddress: fc.Arbitrary<GpioAddress> = fc.oneof(
  fc.record({ bcm: fc.nat(53) }),
  fc.record({ chip: fc.constantFrom("pinctrl-bcm2711", "decoy", "x"), offset: fc.nat(120) }),
  fc.record({ sysfs: fc.nat(1200) }),
);

test("whatever the chips: one line within its chip, or GPIO_NOT_FOUND", () => {
  fc.assert(
    fc.property(anyAddress, fc.array(anyChip), (address, chips) => {
      let found: ReturnType<typeof findLine>;
      try {
        found = findLine(address, chips, "boot");
      } catch (error) {
        expect(error).toMatchObject({ code: "GPIO_NOT_FOUND" });
        return;
      }
      expect(chips).toContain(found.chip);
      expect(found.offset).toBeGreaterThanOrEqual(0);
      expect(found.offset).toBeLessThan(found.chip.lines);
      if ("sysfs" in address) expect((found.chip.base ?? 0) + found.offset).toBe(address.sysfs);
    }),
  );
});

function tree(files: Record<string, string>) {
  const folder = scratch();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(folder.file(name)), { recursive: true });
    writeFileSync(folder.file(name), text);
  }
  return folder;
}

test("chips are read from sysfs; what is no chip, or tells no numbers, is left out", () => {
  using folder = tree({
    "gpiochip570/label": "exp\n",
    "gpiochip570/base": "570\n",
    "gpiochip570/ngpio": "8\n",
    "gpiochip0/label": "pinctrl-bcm2711\n",
    "gpiochip0/base": "0\n",
    "gpiochip0/ngpio": "58\n",
    "gpiochip9/label": "gone",
    "gpiochip9/ngpio": "8",
    "chip0/label": "another kind",
    "gpio17/direction": "in",
    export: "",
  });
  expect(sysfsChips(folder.path)).toEqual([
    { name: "gpiochip0", label: "pinctrl-bcm2711", base: 0, lines: 58 },
    { name: "gpiochip570", label: "exp", base: 570, lines: 8 },
  ]);
  expect(sysfsChips(join(folder.path, "none"))).toEqual([]);
});

test("whether outputs persist is asked of the chip's own driver", () => {
  using folder = tree({
    "pinctrl_bcm2835/parameters/persist_gpio_outputs": "N\n",
    "pinctrl_rp1/parameters/persist_gpio_outputs": "Y\n",
  });
  const ask = (label: string) => persistsOutputs(label, folder.path);
  expect(["pinctrl-bcm2711", "pinctrl-bcm2835", "pinctrl-rp1", "decoy"].map(ask)).toEqual([
    false,
    false,
    true,
    undefined,
  ]);
  expect(persistsOutputs("pinctrl-rp1", join(folder.path, "none"))).toBeUndefined();
});
