import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { rigFile } from "../rig-file.js";
import type { Report, Step } from "./fake-gpio/bench.js";
import type { Plan } from "./fake-gpio/kernel.js";
import { NO_STAGE, openStage, type Stage } from "./fake-gpio/stage.js";

const DECOY = { label: "brcmvirt-gpio", base: 100, lines: 8 };
const PI4 = { label: "pinctrl-bcm2711", base: 512, lines: 58 };
const PI5 = { label: "pinctrl-rp1", base: 571, lines: 54 };
const BOOT_AND_EN = "boot: { bcm: 17 }, chipEn: { bcm: 27 }";
const OPEN: Step = { do: "open" };
const CLOSE: Step = { do: "close" };

const set = (line: "boot" | "chipEn" | "power", asserted: boolean): Step => ({ do: "set", line, asserted });
const write = (file: string, text: string): Step => ({ do: "write", file, text });

let stage: Stage;

async function play(plan: Plan, lines: string, steps: readonly Step[], more = ""): Promise<Report> {
  const timing = "timing: { resetMs: 20, strapHoldMs: 15 }";
  const text = `name: bench\nstraps: { driver: onoff, ${lines} }\nserial: { path: PORT }\n${timing}\n${more}\n`;
  return stage.play({ plan, file: rigFile(text), steps });
}

/** What happened to the lines in each step. */
const logs = ({ answers }: Report) => answers.map(({ log }) => log.map(({ what }) => what));
const errors = ({ answers }: Report) => answers.map(({ error }) => error?.code);

const onStage = NO_STAGE === undefined ? describe : describe.skip;

onStage(`the package onoff on a fake kernel${NO_STAGE === undefined ? "" : `: ${NO_STAGE}`}`, () => {
  beforeAll(() => {
    stage = openStage();
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test.each([
    ["a Pi 4 after 6.6", PI4, 529, 539],
    ["a Pi 5 on 6.6", PI5, 588, 598],
    ["a Pi 3 up to 6.1", { label: "pinctrl-bcm2835", base: 0, lines: 54 }, 17, 27],
  ])("BCM numbers are counted from the chip's base: %s", async (_, chip, boot, chipEn) => {
    const report = await play({ chips: [DECOY, chip] }, BOOT_AND_EN, [OPEN, { do: "strap" }, CLOSE]);
    expect(errors(report)).toEqual([undefined, undefined, undefined]);
    expect(logs(report)).toEqual([
      [`export ${boot}`, `export ${chipEn}`, `${chipEn} 0`, `${boot} 0`],
      [`${boot} 1`, `${chipEn} 1`, `${boot} 0`],
      [`${chipEn} 0`],
    ]);
    expect(report.exported).toEqual([`gpio${boot}`, `gpio${chipEn}`]);
  });

  test("the strap sequence keeps the rig's times", async () => {
    const { answers } = await play({ chips: [PI4] }, BOOT_AND_EN, [OPEN, set("chipEn", true), { do: "strap" }, CLOSE]);
    const [boot, low, high, released] = answers[2]?.log ?? [];
    expect([boot, low, high, released].map((move) => move?.what)).toEqual(["529 1", "539 0", "539 1", "529 0"]);
    expect((high?.ms ?? 0) - (low?.ms ?? 0)).toBeGreaterThanOrEqual(20);
    expect((released?.ms ?? 0) - (high?.ms ?? 0)).toBeGreaterThanOrEqual(15);
  });

  test.each([
    ["a missing chip", [DECOY], 'found gpiochip100 "brcmvirt-gpio" (base 100, 8 lines)'],
    ["no chip at all", [], "found no GPIO chip"],
    ["two that would do", [PI4, { ...PI5, base: 600 }], "found 2 of them: gpiochip512"],
  ])("%s is told with all that was found", async (_, chips, found) => {
    const report = await play({ chips }, BOOT_AND_EN, [OPEN]);
    expect(report.answers).toMatchObject([
      { error: { code: "GPIO_NOT_FOUND", message: expect.stringContaining(found) }, log: [] },
    ]);
  });

  test("a raw number is believed where it is on one chip, and its chip is told once", async () => {
    const lines = "boot: { sysfs: 103 }, chipEn: { chip: pinctrl-bcm2711, offset: 27 }";
    const report = await play({ chips: [DECOY, PI4] }, lines, [OPEN, CLOSE, OPEN, CLOSE]);
    expect(report.exported).toEqual(["gpio103", "gpio539"]);
    expect(report.told).toEqual([
      expect.stringMatching(/straps\.boot: sysfs number 103 is line 3 of gpiochip100 "brcmvirt-gpio"/),
    ]);
    const off = await play({ chips: [DECOY, PI4] }, "boot: { sysfs: 110 }, chipEn: { bcm: 27 }", [OPEN]);
    expect(off.answers).toMatchObject([
      {
        error: {
          code: "GPIO_NOT_FOUND",
          message: expect.stringMatching(/number 110; found gpiochip100 .* gpiochip512/),
        },
      },
    ]);
  });

  test("two lines on one GPIO, however they are named, are refused before anything is exported", async () => {
    const report = await play({ chips: [PI4] }, "boot: { bcm: 17 }, chipEn: { sysfs: 529 }", [OPEN]);
    expect(report.answers).toMatchObject([
      { error: { code: "RIG_INVALID", message: expect.stringContaining("straps.boot") }, log: [] },
    ]);
  });

  test("a line that another has is told, and no line has moved", async () => {
    const report = await play({ chips: [PI4], held: [539] }, BOOT_AND_EN, [OPEN]);
    expect(report.answers).toMatchObject([
      {
        error: {
          code: "GPIO_UNAVAILABLE",
          message: expect.stringMatching(/straps\.chipEn: line 27 .* held by another program/),
        },
      },
    ]);
    expect(logs(report)).toEqual([["export 529"]]);
  });

  test("files that come late are waited for, and the event loop goes on", async () => {
    const plan = { chips: [PI4], filesAfterMs: 150, accessAfterMs: 300 };
    const { answers } = await play(plan, BOOT_AND_EN, [OPEN, CLOSE]);
    expect(answers[0]).toMatchObject({ value: { switchesPower: false, cannotHold: null, ready: false } });
    expect(answers[0]?.ms).toBeGreaterThan(300);
    expect(answers[0]?.turns).toBeGreaterThan(20);
  });

  test.each([
    [
      "access that never comes",
      { accessAfterMs: -1 },
      /this user may not .*gpio529\/direction; members of the group gpio may/,
    ],
    ["files that never come", { filesAfterMs: -1 }, /gpio529\/direction did not come in 2000 ms/],
  ])("%s is told", async (_, late, message) => {
    const { answers } = await play({ chips: [PI4], ...late }, BOOT_AND_EN, [OPEN]);
    expect(answers).toMatchObject([{ error: { code: "GPIO_UNAVAILABLE", message: expect.stringMatching(message) } }]);
    expect(answers[0]?.turns).toBeGreaterThan(100);
  });

  test.each([
    ["exported outputs", { exported: { 529: 1, 539: 1 } }, []],
    ["outputs of the firmware's", { outputs: { 529: 1, 539: 1 } }, ["export 529", "export 539"]],
    ["an exported output that is shown upside down", { exported: { 529: 0, 539: 1 }, activeLow: [529, 539] }, []],
    ["an exported input", { exported: { 529: "in", 539: 1 } }, ["529 0"]],
  ] as const)("opening keeps the levels of %s", async (_, plan, moves) => {
    const report = await play({ chips: [PI4], ...plan }, BOOT_AND_EN, [OPEN]);
    expect(errors(report)).toEqual([undefined]);
    expect(logs(report)).toEqual([moves]);
  });

  test("what opens as an input goes straight to the rig's safe levels, as each line's polarity has them", async () => {
    const lines = "boot: { bcm: 17, active: low }, chipEn: { bcm: 27 }, power: { bcm: 22, active: low }";
    const safe = "safeState: { boot: released, chipEn: asserted, power: on }";
    const report = await play({ chips: [PI4] }, lines, [OPEN, set("power", false), set("boot", true), CLOSE], safe);
    expect(report.answers[0]).toMatchObject({ value: { switchesPower: true } });
    expect(logs(report)).toEqual([
      ["export 529", "export 539", "export 534", "529 1", "534 0", "539 1"],
      ["534 1"],
      ["529 0"],
      ["529 1", "534 0"],
    ]);
  });

  test("without a power line it stays on, and cannot go", async () => {
    const report = await play({ chips: [PI4] }, BOOT_AND_EN, [OPEN, set("power", true), set("power", false), CLOSE]);
    expect(errors(report)).toEqual([undefined, undefined, "LINES_NOT_DRIVEN", undefined]);
  });

  test("a line that was made an input behind our back is told, at the next change and at the end", async () => {
    const report = await play({ chips: [PI4] }, BOOT_AND_EN, [
      OPEN,
      write("gpio529/direction", "in"),
      set("boot", true),
      CLOSE,
    ]);
    expect(errors(report)).toEqual([undefined, undefined, "LINES_NOT_DRIVEN", "RIG_NOT_SAFE"]);
    expect(report.answers[2]?.error?.message).toMatch(/expected an output that is high; found an input$/);
  });

  test("a pin that something else holds is told with what was read", async () => {
    const report = await play({ chips: [PI4], stuck: { 529: 0 } }, BOOT_AND_EN, [OPEN, set("boot", true), CLOSE]);
    expect(report.answers[1]).toMatchObject({
      error: {
        code: "LINES_NOT_DRIVEN",
        message: expect.stringMatching(
          /straps\.boot: line 17 .*: expected an output that is high; found an output that is low$/,
        ),
      },
    });
    expect(errors(report)[2]).toBeUndefined();
  });

  test("the ready input is read with its polarity and never driven", async () => {
    const lines = `${BOOT_AND_EN}, ready: { bcm: 23, active: low }`;
    const ready: Step = { do: "ready" };
    const report = await play({ chips: [PI4] }, lines, [OPEN, ready, CLOSE]);
    expect(report.answers.map(({ value }) => value)).toMatchObject([{ ready: true }, true, undefined]);
    expect(logs(report).flat()).toEqual(["export 535", "export 529", "export 539", "539 0", "529 0"]);
    const high = await play({ chips: [PI4], stuck: { 535: 1 } }, lines, [OPEN, ready, CLOSE]);
    expect(high.answers[1]?.value).toBe(false);
    const driven = await play({ chips: [PI4], exported: { 535: 1 } }, lines, [OPEN]);
    expect(driven.answers).toMatchObject([
      { error: { code: "GPIO_UNAVAILABLE", message: expect.stringContaining("expected an input; found an output") } },
    ]);
    expect(logs(driven)).toEqual([["export 529", "export 539"]]);
  });

  const SPI = "spi: { driver: spidev, path: /dev/spidev0.0, cs: { bcm: 8 } }";
  const WITH_READY = `${BOOT_AND_EN}, ready: { bcm: 23 }`;

  test("CS begins low, whatever it was, follows, is read back, and ends low", async () => {
    const plan = { chips: [PI4], exported: { 520: 1 as const } };
    const select: Step = { do: "select", selected: true };
    const report = await play(plan, WITH_READY, [OPEN, select, CLOSE, OPEN, CLOSE], SPI);
    expect(errors(report)).toEqual(Array(5).fill(undefined));
    const opening = ["export 535", "export 529", "export 539", "520 0", "539 0", "529 0"];
    expect(logs(report)).toEqual([opening, ["520 1"], ["520 0"], [], []]);
    const stuck = await play({ ...plan, stuck: { 520: 0 } }, WITH_READY, [OPEN, select], SPI);
    expect(stuck.answers[1]?.error).toMatchObject({
      code: "LINES_NOT_DRIVEN",
      message: expect.stringMatching(/bench: spi\.cs: line 8 .*: expected an output that is high/),
    });
  });

  test("a chip select that the kernel's SPI has is told, with the overlay that leaves it", async () => {
    const { answers } = await play({ chips: [PI4], held: [520] }, WITH_READY, [OPEN], SPI);
    expect(answers[0]?.error).toMatchObject({
      code: "GPIO_UNAVAILABLE",
      message: expect.stringMatching(/spi\.cs: line 8 .* held by another program/),
      advice: expect.stringContaining("dtoverlay=spi0-0cs"),
    });
  });

  test("a rig that is opened again and again holds no more files open, and unexports nothing", async () => {
    const again = Array.from({ length: 20 }, () => [OPEN, CLOSE]).flat();
    const report = await play({ chips: [PI4] }, BOOT_AND_EN, again);
    expect(new Set(errors(report))).toEqual(new Set([undefined]));
    expect(logs(report).flat()).toEqual(["export 529", "export 539", "539 0", "529 0"]);
    expect(report.answers[0]?.open).toBeGreaterThan(0);
    expect(report.answers.at(-1)?.open).toBe(report.answers[0]?.open);
  });

  test("a line that was unexported between two rigs is taken anew", async () => {
    const between = write("unexport", "529");
    const report = await play({ chips: [PI4] }, BOOT_AND_EN, [OPEN, CLOSE, between, OPEN, set("boot", true), CLOSE]);
    expect(errors(report)).toEqual(Array(6).fill(undefined));
    expect(logs(report).slice(2)).toEqual([["unexport 529", "529 in"], ["export 529", "529 0"], ["529 1"], ["529 0"]]);
  });
});

onStage("without the native part of onoff", () => {
  test("its absence is told, with what to do", async () => {
    await using bare = openStage("node_modules/epoll");
    const file = rigFile(`name: bench\nstraps: { driver: onoff, ${BOOT_AND_EN} }\nserial: { path: PORT }\n`);
    const { answers } = await bare.play({ plan: { chips: [PI4] }, file, steps: [OPEN] });
    expect(answers).toMatchObject([
      { error: { code: "DRIVER_MISSING", advice: expect.stringContaining("npm rebuild epoll") }, log: [] },
    ]);
  });
});
