import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { encodePartitionTable, ST_TABLE } from "../../../harness/firmware/partition.js";
import { SYNTHETIC_KEY_HASH, syntheticBoot2 } from "../../../harness/firmware/synthetic.js";
import { SimModule } from "../../../harness/sim/module.js";
import { SimOptions } from "../../../harness/sim/options.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { scratch } from "../../support/scratch.js";
import { frame, Host, words } from "../host.js";
import {
  FW,
  FW_B,
  firmware,
  greeted,
  IMAGE_BYTES,
  type Part,
  programmed,
  TABLE_A,
  TABLE_B,
  whole,
  write,
} from "./images.js";

async function bootText(host: Host): Promise<string> {
  await host.strap(false);
  const text = await host.text(700);
  await host.set("power", false);
  return text;
}

/** One bit of the image flipped; the CRC of the header stays as it was. */
function flipped(image: Uint8Array, at: number): Uint8Array {
  const out = image.slice();
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}

test("T01: the banner at 2 MBd tells what the image's own bytes say", async () => {
  const host = await programmed(whole(firmware()));
  await host.strap(false);
  const startMs = host.clock.now();
  await host.wire.read(host.deadline(1000));
  expect(host.clock.now() - startMs).toBeGreaterThan(300);
  expect(host.clock.now() - startMs).toBeLessThan(302);
  expect(await bootText(host)).toBe(
    [
      "Build:01:00:46,Jan  1 2026",
      "Version of used components:",
      "\tVersion: component_version_sdk_2.0.106",
      "SW image:spi_wifi_qcc74xdk",
      "board init done",
      "",
      "qcc74x />",
    ].join("\r\n"),
  );
});

test("T02 and mfg", async () => {
  const t02 = await bootText(await programmed(whole(firmware("t02", "2.0.97"))));
  expect(t02).toContain("component_version_sdk_2.0.97\r\nSW image:spi_wifi_qcc74xdk_lwip_onhost\r\n");
  const mfg = await bootText(await programmed(whole(firmware("mfg"))));
  expect(mfg).toBe("MFG Version: 2.0.106\r\nBuild Date: Jan  1 2026\r\nBuild Time: 03:00:46\r\n");
});

test("the factory's firmware boots, has no marker, and fixes no key", async () => {
  const host = new Host();
  const text = await bootText(host);
  expect(text).toContain("component_version_sdk_2.0.75\r\n");
  expect(text).not.toContain("SW image");
  expect(text).not.toContain("board init done");
});

test("appLog false: not a byte", async () => {
  expect(await bootText(new Host({ appLog: false }))).toBe("");
});

const FOREIGN = firmware("t01", "2.0.106", 9);
const RIGHT_KEY = { keyHash: SYNTHETIC_KEY_HASH };

test.each<[string, Uint8Array, object, string[]]>([
  ["a flipped body byte", flipped(firmware(), IMAGE_BYTES - 1), {}, ["Hash error", "ret 0x217"]],
  ["a foreign key", FOREIGN, RIGHT_KEY, ["PK sha error", "ret 0x20c"]],
  ["a wrong header CRC", flipped(firmware(), 0xb0), {}, ["ret 0x204"]],
  ["a wrong key CRC", flipped(firmware(), 0x100), {}, ["PK crc error", "ret 0x20b"]],
  ["a wrong signature CRC", flipped(firmware(), 0x148), {}, ["SIG crc error", "ret 0x20e"]],
  ["nothing at all", new Uint8Array(16).fill(0xff), {}, ["ret 0x203"]],
  ["a signed image on an unlocked part", firmware(), { locked: false }, ["ret 0x206"]],
])("boot2 refuses %s, again and again", async (_, image, options, words) => {
  const host = await programmed(whole(image), options);
  await host.strap(false);
  const text = await host.text(2200);
  for (const word of words) expect(text).toContain(word);
  expect(text.match(/Dump log/g)?.length).toBe(5);
  expect(text).not.toContain("component_version");
  await host.wire[Symbol.asyncDispose]();
  await host.clock.sleep(600);
  expect(host.clock.sleeping).toBe(0);
});

test("a signature over other bytes is refused even when every CRC is right", async () => {
  const [image, other] = [firmware("t01", "2.0.106"), firmware("t02", "2.0.106")];
  const mixed = Buffer.concat([image.subarray(0, 0x144), other.subarray(0x144, 0x18c), image.subarray(0x18c)]);
  const host = await programmed(whole(mixed));
  expect(await bootText(host).then((text) => text.includes("verify failed"))).toBe(true);
});

test.each<[string, Part[]]>([
  ["a blank flash", []],
  ["a flash without boot2", [[FW, firmware()]]],
  ["a boot2 with a flipped bit", [[0, flipped(syntheticBoot2(), 0x2fff)]]],
])("%s: with BOOT low the module waits in the ROM", async (_, parts) => {
  const host = await programmed(parts);
  expect(await bootText(host)).toBe("");
  await host.set("power", true);
  await host.wire.setBaud(500_000, host.deadline());
  expect(await host.sync()).toBe("4f4b");
});

test("of two partition tables the older generation loses, the first wins a tie, and none is no harm", async () => {
  const slotB = ST_TABLE.entries.map((entry) => ({ ...entry, active: 1 as const }));
  const images: Part[] = [
    [0, syntheticBoot2()],
    [FW, firmware()],
    [FW_B, firmware("t02")],
  ];
  const table = (at: number, active: 0 | 1, age: number): Part => [
    at,
    encodePartitionTable({ age, entries: active === 1 ? slotB : ST_TABLE.entries }),
  ];
  const runs = async (...tables: Part[]) =>
    (await bootText(await programmed([...images, ...tables]))).includes("lwip_onhost") ? "B" : "A";
  expect(await runs()).toBe("A");
  expect(await runs(table(TABLE_A, 0, 0), table(TABLE_B, 1, 1))).toBe("B");
  expect(await runs(table(TABLE_A, 0, 1), table(TABLE_B, 1, 1))).toBe("A");
  expect(await runs(table(TABLE_A, 0, 2), table(TABLE_B, 1, 1))).toBe("A");
  expect(await runs(table(TABLE_B, 1, 0))).toBe("B");
});

test("secondTable false: the table at 0xF000 never counts, whatever its age", async () => {
  const second = encodePartitionTable({
    age: 1,
    entries: ST_TABLE.entries.map((entry) => ({ ...entry, active: 1 as const })),
  });
  const parts: Part[] = [...whole(firmware()), [FW_B, firmware("t02")], [TABLE_B, second]];
  expect(await bootText(await programmed(parts))).toContain("lwip_onhost");
  const text = await bootText(await programmed(parts, { quirks: { secondTable: false } }));
  expect(text).toContain("SW image:spi_wifi_qcc74xdk\r\n");
});

test("defaultFirmware false: without a table boot2 has nothing to start", async () => {
  const parts: Part[] = [
    [0, syntheticBoot2()],
    [FW, firmware()],
  ];
  const text = await bootText(await programmed(parts, { quirks: { defaultFirmware: false } }));
  expect(text).toContain("Group 0 parse fail ret 0x21b");
});

test("auto: the first image that a host programmed fixes the key; a foreign one is then refused", async () => {
  const host = await programmed(whole(firmware()));
  expect(await bootText(host)).toContain("component_version_sdk_2.0.106");
  await host.set("power", true);
  await greeted(host);
  await host.expect("3b4f040008410101", "4f4b");
  await host.ask(frame(0x30, words(FW, FW + IMAGE_BYTES - 1)), 500);
  await write(host, FW, FOREIGN);
  expect(await bootText(host)).toContain("PK sha error");
});

test("the key that was fixed is kept in the state, where the vendor's script looks for it", async () => {
  using folder = scratch();
  const state = folder.file("module.bin");
  const host = await programmed(whole(firmware()), { state });
  const hashIn = () => {
    host.module.save();
    return readFileSync(state)
      .subarray(host.module.flash.length + 16)
      .toString("hex", 0x1c, 0x3c);
  };
  expect(hashIn()).toBe("00".repeat(32));
  await bootText(host);
  expect(hashIn()).toBe(SYNTHETIC_KEY_HASH);
});

test("SPI_RDY rises when the application is ready, and falls at every reset", async () => {
  const clock = new VirtualClock();
  const module = new SimModule(SimOptions.parse({}), clock);
  const { pins } = module;
  pins.set("chipEn", true);
  await clock.sleep(630);
  expect(module.ready).toBe(false);
  await clock.sleep(20);
  expect(module.ready).toBe(true);
  pins.set("chipEn", false);
  expect(module.ready).toBe(false);
  pins.set("boot", true);
  pins.set("chipEn", true);
  await clock.sleep(2000);
  expect(module.ready).toBe(false);
});
