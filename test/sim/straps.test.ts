import { expect, test } from "@jest/globals";
import { Host } from "./host.js";

test("BOOT counts at the rise of CHIP_EN only", async () => {
  const host = new Host({ contents: "factory" });
  await host.set("boot", true);
  await host.set("chipEn", true);
  await host.set("boot", false);
  expect(await host.sync()).toBe("4f4b");

  const late = new Host({ contents: "factory" });
  await late.set("chipEn", true);
  await late.set("boot", true);
  expect(await late.sync()).toBe("");
});

test("off until CHIP_EN is high and while there is no power", async () => {
  const host = new Host();
  await host.set("boot", true);
  expect(await host.sync()).toBe("");
  await host.set("power", false);
  await host.set("chipEn", true);
  expect(await host.sync()).toBe("");
  await host.set("power", true);
  expect(await host.sync()).toBe("4f4b");
});

test("a reset forgets rate, set-para and mapping; CHIP_EN high twice is no reset", async () => {
  const host = await Host.inSession();
  await host.expect("60000000", "4f4b");
  await host.set("chipEn", true);
  await host.expect("36000000", "4f4b0400c4601600");
  await host.strap(true);
  await host.expect("36000000", "");
  expect(await host.sync()).toBe("4f4b");
  await host.expect("36000000", "464c0100");
  await host.expect("3b4f040008410101", "4f4b");
  await host.expect("3e1d080000e0000034010000", "464c0400");
});

test("BOOT open reads low, CHIP_EN open leaves the module off", async () => {
  const noBoot = await Host.inRom({ wiring: { boot: "open" } });
  expect(await noBoot.sync()).toBe("");
  const noEnable = await Host.inRom({ wiring: { chipEn: "open" }, contents: "blank" });
  expect(await noEnable.sync()).toBe("");
});

/** In a session, then CHIP_EN low for `lowMs`. @returns whether the session is still there. */
async function survives(lowMs: number): Promise<boolean> {
  const host = await Host.inSession({ contents: "blank", quirks: { resetMinMs: 0.3 } });
  await host.set("chipEn", false);
  await host.clock.sleep(lowMs);
  await host.set("chipEn", true);
  return (await host.ask("36000000")) === "4f4b0400c4601600";
}

test("a pulse that is too short leaves all as it is", async () => {
  expect(await survives(0)).toBe(true);
  expect(await survives(0.29)).toBe(true);
  expect(await survives(0.3)).toBe(false);
  expect(await survives(0.31)).toBe(false);
});

test("a byte half sent survives a pulse that is too short, and an application that runs is still ready", async () => {
  const host = new Host({ quirks: { resetMinMs: 0.3 } });
  await host.set("chipEn", true);
  await host.clock.sleep(1000);
  expect(host.module.ready).toBe(true);
  await host.listen();
  await host.set("chipEn", false);
  await host.clock.sleep(0.2);
  await host.set("chipEn", true);
  expect(host.module.ready).toBe(true);
  expect(await host.listen(1000)).toBe("");
});

test("a longer one counts from there on: the module is off, and comes up as BOOT is then", async () => {
  const host = new Host({ contents: "factory", quirks: { resetMinMs: 5 } });
  await host.set("chipEn", true);
  await host.clock.sleep(1000);
  await host.listen();
  await host.set("chipEn", false);
  await host.clock.sleep(4.9);
  expect(host.module.ready).toBe(true);
  await host.clock.sleep(0.2);
  expect(host.module.ready).toBe(false);
  await host.set("boot", true);
  await host.set("chipEn", true);
  expect(await host.sync()).toBe("4f4b");
});

test("two pulses that are too short do not add up", async () => {
  const host = await Host.inSession({ contents: "blank", quirks: { resetMinMs: 0.3 } });
  for (const level of [false, true, false, true]) {
    await host.set("chipEn", level);
    await host.clock.sleep(0.2);
  }
  await host.clock.sleep(1);
  await host.expect("36000000", "4f4b0400c4601600");
});

test("power does not wait for a short pulse, and what comes up then is what CHIP_EN says", async () => {
  const host = await Host.inRom({ contents: "blank", quirks: { resetMinMs: 5 } });
  expect(await host.sync()).toBe("4f4b");
  await host.set("chipEn", false);
  await host.set("power", false);
  await host.set("power", true);
  await host.clock.sleep(10);
  expect(await host.sync()).toBe("");
  await host.set("chipEn", true);
  expect(await host.sync()).toBe("4f4b");
});

test.each([
  { setupMs: 0.9, holdMs: 5, answer: "" },
  { setupMs: 1, holdMs: 5, answer: "4f4b" },
  { setupMs: 5, holdMs: 1.9, answer: "" },
  { setupMs: 5, holdMs: 2, answer: "4f4b" },
])(
  "BOOT must have been high for long enough, and stay so: $setupMs ms before, $holdMs ms after",
  async ({ setupMs, holdMs, answer }) => {
    const host = new Host({ quirks: { bootSetupMs: 1, bootHoldMs: 2 } });
    await host.set("boot", true);
    await host.clock.sleep(setupMs);
    await host.set("chipEn", true);
    await host.clock.sleep(holdMs);
    await host.set("boot", false);
    await host.clock.sleep(10);
    expect(await host.sync()).toBe(answer);
  },
);

test("a ROM that is deaf at first: a burst that ends before is lost, a later one is answered", async () => {
  const host = await Host.inRom({ contents: "blank", quirks: { romDeafMs: 30 } });
  await host.clock.sleep(23);
  expect(await host.sync()).toBe("");
  expect(await host.sync()).toBe("4f4b");
});
