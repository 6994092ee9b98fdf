import { expect, test } from "@jest/globals";
import { Host, SYNC_BYTE } from "../host.js";

const BOOT_INFO = "10000000";
const ANSWER = "4f4b1c000200160601000100a71282014277037b82401d008f7580904514c32d";
const burst = (bytes: number) => new Uint8Array(bytes).fill(SYNC_BYTE);

test("6 ms of 0x55 at 500 kBd: OK 12 ms after the sixteenth, then a session", async () => {
  const host = await Host.inRom();
  const startMs = host.clock.now();
  await host.send(burst(300));
  expect(host.clock.now() - startMs).toBeCloseTo(6, 6);
  expect(await host.wire.read(host.deadline())).toEqual(Uint8Array.of(0x4f, 0x4b));
  expect(host.clock.now() - startMs).toBeCloseTo(16 * 0.02 + 12 + 0.04, 6);
  await host.clock.sleep(30);
  await host.expect(BOOT_INFO, ANSWER);
});

test("24 ms of 0x55 still get their OK, but the next command is lost and the session with it", async () => {
  const host = await Host.inRom();
  expect(await host.sync(1200)).toBe("4f4b");
  await host.clock.sleep(30);
  await host.expect(BOOT_INFO, "");
  await host.clock.sleep(4200);
  expect(await host.sync()).toBe("4f4b");
  await host.expect(BOOT_INFO, ANSWER);
});

test("with the lenient knob the rest of a burst does no harm", async () => {
  const host = await Host.inRom({ quirks: { strictAutoBaud: false } });
  expect(await host.sync(1200)).toBe("4f4b");
  await host.expect(BOOT_INFO, ANSWER);
});

test.each([
  [500_000, 600],
  [2_000_000, 1200],
])("a burst of up to 12 ms works: at %d", async (baud, bytes) => {
  const host = await Host.inRom();
  await host.wire.setBaud(baud, host.deadline());
  expect(await host.sync(bytes)).toBe("4f4b");
  await host.clock.sleep(30);
  await host.expect(BOOT_INFO, ANSWER);
});

test("15 bytes are too few, text before does not count, 16 in a row do", async () => {
  const host = await Host.inRom();
  expect(await host.sync(15)).toBe("");
  expect(await host.ask(Buffer.from("hello, module\r\n"))).toBe("");
  expect(await host.sync(15)).toBe("");
  expect(await host.ask(BOOT_INFO)).toBe("");
  expect(await host.sync(16)).toBe("4f4b");
});

test("a command during the pause is lost; so is one in the millisecond after the OK", async () => {
  const host = await Host.inRom();
  await host.send(burst(16));
  await host.clock.sleep(5);
  expect(await host.ask(BOOT_INFO)).toBe("4f4b");
  await host.expect(BOOT_INFO, ANSWER);

  const other = await Host.inRom();
  await other.send(burst(16));
  await other.wire.read(other.deadline());
  await other.clock.sleep(0.5);
  expect(await other.ask(BOOT_INFO)).toBe("");
});

test.each([9600, 115_200, 921_600, 970_000, 1_000_000, 1_500_000, 3_000_000])("%d Bd is measured", async (baud) => {
  const host = await Host.inRom();
  await host.wire.setBaud(baud, host.deadline());
  expect(await host.sync(Math.max(16, Math.floor((0.006 * baud) / 10)))).toBe("4f4b");
  await host.expect(BOOT_INFO, ANSWER, 200);
});

test("above 970 kBd the module rounds to half a megabaud: at 1.2 MBd its OK is garbage", async () => {
  const host = await Host.inRom();
  await host.wire.setBaud(1_200_000, host.deadline());
  const heard = await host.sync();
  expect(heard).not.toBe("");
  expect(heard).not.toBe("4f4b");
});

test("too fast to be measured: silence", async () => {
  const host = await Host.inRom({ link: { maxBaud: 50_000_000 } });
  await host.wire.setBaud(12_000_000, host.deadline());
  expect(await host.sync()).toBe("");
});
