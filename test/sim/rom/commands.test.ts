import { crc32 } from "node:zlib";
import { expect, test } from "@jest/globals";
import { firmware, programmed, whole } from "../boot/images.js";
import { frame, Host, words } from "../host.js";

const OK = "4f4b";
const BOOT = "33000000";
const MAC = "42000000";
const START = "60000000";
const status = (command: number, length: number) => frame(0x37, words(command, length));
const setStatus = (command: number, length: number, value: number) => frame(0x38, words(command, length, value));

test("flash-boot starts what is on the flash, whatever BOOT says", async () => {
  const host = await programmed(whole(firmware()));
  await host.expect(BOOT, OK, 10);
  expect(await host.text(700)).toContain("component_version_sdk_2.0.106");
});

test("flash-boot of nothing is refused with the reason, and before set-para", async () => {
  const host = await Host.inSession({ contents: "blank" });
  await host.expect(BOOT, "464c0302");
  const other = await Host.inRom();
  await other.sync();
  await other.expect(BOOT, "464c0100");
});

test("a read through the mapping, once there is one; it goes round and is cut as the other", async () => {
  const host = await Host.inSession({ contents: "blank" });
  host.module.flash[0] = 0x42;
  const read = (address: number, length: number) => frame(0x34, words(address, length));
  expect(await host.ask(read(0, 2))).toBe("464c0400");
  await host.expect(START, OK);
  expect(await host.ask(read(0x3f_ffff, 3))).toBe("4f4b0300ff42ff");
  expect((await host.ask(read(0, 5000), 500)).slice(0, 8)).toBe("4f4bfc11");
});

test("a hash through the controller needs no mapping, and takes its time", async () => {
  const host = await Host.inSession({ contents: "blank" });
  await host.send(frame(0x3d, words(0, 1_200_000)));
  const sentMs = host.clock.now();
  await host.wire.read(host.deadline());
  expect(host.clock.now() - sentMs).toBeCloseTo(0.1 + 1000 + 36 * 0.02, 6);
  expect(await host.ask(frame(0x3d, words(0, 0)))).toContain("e3b0c44298fc1c14");
});

test.each([
  [0x20, "0103"],
  [0x34, "0400"],
  [0x35, "0d00"],
  [0x37, "0900"],
  [0x38, "0a00"],
  [0x3d, "0400"],
  [0x43, "0804"],
  [0x50, "0105"],
  [0x51, "0405"],
])("opcode %d with a payload of a wrong length has its own status", async (opcode, code) => {
  const host = await Host.inSession();
  expect(await host.ask(frame(opcode, new Uint8Array(3)))).toBe(`464c${code}`);
});

test("a change of rate to 0 is refused", async () => {
  const host = await Host.inSession();
  expect(await host.ask(frame(0x20, words(500_000, 0)))).toBe("464c0203");
});

test("status registers: written one or two at a time, busy and write-enable stay, read again and again", async () => {
  const host = await Host.inSession();
  expect(await host.ask(setStatus(0x01, 2, 0x02ff))).toBe(OK);
  expect(await host.ask(status(0x05, 1))).toBe("4f4b0100fc");
  expect(await host.ask(status(0x35, 2))).toBe("4f4b02000202");
  expect(await host.ask(setStatus(0x31, 1, 0x0540))).toBe(OK);
  expect(await host.ask(status(0x35, 1))).toBe("4f4b010040");
  expect(await host.ask(setStatus(0x11, 4, 0x60))).toBe(OK);
  expect(await host.ask(status(0x15, 1))).toBe("4f4b010060");
  expect(await host.ask(setStatus(0x77, 1, 1))).toBe(OK);
  expect(await host.ask(status(0x9f, 9))).toBe("4f4b0400ffffffff");
  await host.strap(true);
  await host.sync();
  expect(await host.ask(status(0x35, 1))).toBe("464c0100");
  await host.expect("3b4f040008410101", OK);
  expect(await host.ask(status(0x35, 1))).toBe("4f4b010040");
});

test("the MAC with its CRC, in the order of the knob", async () => {
  const host = await Host.inSession();
  await host.expect(MAC, "4f4b0a0040827b037742741e6833");
  const other = await Host.inSession({ quirks: { macReversed: true } });
  const reversed = Buffer.from("4277037b8240", "hex");
  await other.expect(MAC, `4f4b0a004277037b8240${Buffer.from(words(crc32(reversed))).toString("hex")}`);
});

test("a module without a MAC: refused, until one is written; a second one is not", async () => {
  const host = await Host.inSession({ chipId: "000000000000", locked: false });
  const write = (mac: string) => frame(0x43, Buffer.from(mac, "hex"));
  await host.expect(MAC, "464c0704");
  expect(await host.ask(write("40827b037742"))).toBe(OK);
  await host.expect(MAC, "4f4b0a0040827b037742741e6833");
  expect(await host.ask(write("40827b037742"))).toBe(OK);
  expect(await host.ask(write("40827b037743"))).toBe("464c0804");
  await host.expect(MAC, "4f4b0a0040827b037742741e6833");
  expect((await host.ask("10000000")).slice(32, 46)).toBe("4277037b82401d");
});

test("memory: words in the RAM, the boot status, and nothing elsewhere", async () => {
  const host = await Host.inSession();
  const read = (address: number, length: number) => host.ask(frame(0x51, words(address, length)));
  expect(await host.ask(frame(0x50, words(0x62fc_0000, 1, 0x62fc_0007, 2, 0xa000_0000, 3)))).toBe(OK);
  expect(await read(0x62fc_0000, 11)).toBe("4f4b08000100000002000000");
  expect(await read(0x62fc_0002, 4)).toBe("4f4b040001000000");
  expect(await read(0xa000_0000, 4)).toBe("4f4b040000000000");
  expect(await read(0x6303_7ffc, 8)).toBe("4f4b08000000000000000000");
  expect((await host.ask(frame(0x51, words(0, 60_000)), 500)).slice(0, 8)).toBe("4f4bfc11");
  expect(await host.ask(frame(0x50, words(0x62fc_0000, 1, 2)))).toBe("464c0105");
});

test.each([0x05, 0x1b, 0x24, 0x80, 0x81, 0x90, 0x91, 0xa0])(
  "opcode %d is of another family: silence",
  async (opcode) => {
    const host = await Host.inSession();
    expect(await host.ask(frame(opcode, new Uint8Array(8)), 500)).toBe("");
    await host.expect("36000000", "4f4b0400c4601600");
  },
);
