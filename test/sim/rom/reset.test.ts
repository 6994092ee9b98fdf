import { expect, test } from "@jest/globals";
import { firmware, programmed, whole } from "../boot/images.js";
import { Host } from "../host.js";

const RESET = "21000000";
const JEDEC = "36000000";

async function at2M(): Promise<Host> {
  const host = await Host.inSession();
  await host.expect("222b08000100000080841e00", "4f4b");
  await host.wire.setBaud(2_000_000, host.deadline());
  return host;
}

test("OK at the working rate; 40 ms later the ROM measures anew and knows no flash, while BOOT is high", async () => {
  const host = await at2M();
  await host.send(RESET);
  const sentMs = host.clock.now();
  await host.wire.read(host.deadline());
  expect(host.clock.now() - sentMs).toBeCloseTo(0.1 + 2 * 0.005, 6);
  await host.wire.setBaud(500_000, host.deadline());
  await host.clock.sleep(40);
  expect(await host.sync()).toBe("4f4b");
  await host.expect(JEDEC, "464c0100");
});

test("it goes deaf at once: what comes before the reset is lost with the session", async () => {
  const host = await at2M();
  await host.expect(RESET, "4f4b", 5);
  await host.expect(JEDEC, "", 30);
  await host.clock.sleep(10);
  await host.expect(JEDEC, "");
  expect(await host.sync(1200)).toBe("4f4b");
});

test("a burst that ends before the 40 ms are over is no handshake", async () => {
  const host = await at2M();
  await host.send(RESET);
  await host.wire.read(host.deadline());
  await host.clock.sleep(30);
  expect(await host.sync()).toBe("");
  expect(await host.sync()).toBe("4f4b");
});

test.each<[string, object]>([
  ["BOOT low by then", {}],
  ["BOOT's wire open", { wiring: { boot: "open" } }],
])("%s: the firmware starts, 300 ms after the reset", async (_, options) => {
  const host = await programmed(whole(firmware()), options);
  await host.set("boot", "wiring" in options);
  await host.send(RESET);
  await host.wire.read(host.deadline());
  const okMs = host.clock.now();
  await host.wire.read(host.deadline());
  expect(host.clock.now() - okMs).toBeGreaterThan(340);
  expect(host.clock.now() - okMs).toBeLessThan(342);
});

test("again and again, and nobody stays behind", async () => {
  const host = await Host.inRom();
  for (let turn = 0; turn < 5; turn++) {
    expect(await host.sync()).toBe("4f4b");
    await host.expect(RESET, "4f4b");
  }
  await host.set("chipEn", false);
  expect(host.clock.sleeping).toBe(0);
});

test("CHIP_EN low before the 40 ms are over: off it stays", async () => {
  const host = await at2M();
  await host.expect(RESET, "4f4b", 5);
  await host.set("chipEn", false);
  await host.clock.sleep(100);
  await host.wire.setBaud(500_000, host.deadline());
  expect(await host.sync()).toBe("");
  expect(host.clock.sleeping).toBe(0);
});

test("a payload is ignored, a wrong checksum is not", async () => {
  const host = await Host.inSession();
  await host.expect("21010000", "464c0301");
  await host.expect("21090300010203", "4f4b");
});
