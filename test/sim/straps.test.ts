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
