import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { encodeOta } from "../../../harness/firmware/ota.js";
import { encodePartitionTable, parsePartitionTable, ST_TABLE } from "../../../harness/firmware/partition.js";
import { syntheticBoot2 } from "../../../harness/firmware/synthetic.js";
import { xzCompress } from "../../../harness/native/xz.js";
import { scratch } from "../../support/scratch.js";
import { FW, FW_B, firmware, TABLE_A, TABLE_B } from "../boot/images.js";
import { SpiHost } from "../spi/host.js";

const OK = "\r\nOK\r\n";
const ERROR = "\r\nERROR\r\n";
const OLD = firmware("t01", "2.0.97");
const NEW = firmware("t01", "2.0.106");
const XZ = xzCompress(NEW);
const otaOf = (payload: Uint8Array, kind: "raw" | "xz" = "raw", more: object = {}) =>
  encodeOta({ kind, hardware: "QCC_Module_v1.1", version: "2.0.106", payload, ...more });
const RAW_OTA = otaOf(NEW);
const XZ_OTA = otaOf(XZ, "xz");

/** 2.0.97 runs from the first slot. */
async function old(options: object = {}): Promise<SpiHost> {
  using folder = scratch();
  const flash = Buffer.alloc(4 * 1024 * 1024, 0xff);
  flash.set(syntheticBoot2());
  flash.set(encodePartitionTable(ST_TABLE), TABLE_A);
  flash.set(OLD, FW);
  writeFileSync(folder.file("flash.bin"), flash);
  return SpiHost.ready({ contents: folder.file("flash.bin"), ...options }, () => 0.3);
}

/** What runs, once it does. */
async function version(host: SpiHost, quietMs = 30_000): Promise<string | undefined> {
  if (!(await host.level(true, quietMs))) return undefined;
  await host.take();
  return /component_version_sdk_([\d.]+)/.exec(await host.ask("AT+GMR"))?.[1];
}

const table = (host: SpiHost, at: number) => parsePartitionTable(host.module.flash.subarray(at, at + 4096), "table");
const fwOf = (host: SpiHost, at: number) => table(host, at).entries.find(({ name }) => name === "FW");
const holds = (host: SpiHost, at: number, bytes: Uint8Array) =>
  Buffer.compare(host.module.flash.subarray(at, at + bytes.length), bytes) === 0;

test("the words of an update, one after the other", async () => {
  const host = await old();
  expect(await host.ask("AT+OTASTART?")).toBe(`+OTASTART:0\r\n${OK}`);
  expect(await host.ask("AT+OTASTART=0")).toBe(OK);
  expect(await host.ask("AT+OTASTART=1")).toBe(OK);
  expect(await host.ask("AT+OTASTART?")).toBe(`+OTASTART:1\r\n${OK}`);
  expect(await host.ask("AT+OTASEND=512")).toBe(`${OK}>`);
  await host.say(RAW_OTA.subarray(0, 300));
  expect(await host.take()).toEqual([]);
  await host.say(RAW_OTA.subarray(300, 512));
  expect(Buffer.concat(await host.take()).toString()).toBe("Recv 512 bytes\r\n\r\nSEND OK\r\n");
});

test("raw: into the other slot, then the other table, one older; the new firmware runs from there", async () => {
  const host = await old();
  const before = [...host.module.flash.subarray(TABLE_A, TABLE_A + 4096)];
  expect(await host.update(RAW_OTA)).toBe(OK);
  expect(await version(host)).toBe("2.0.106");
  expect(holds(host, FW, OLD) && holds(host, FW_B, NEW)).toBe(true);
  expect([...host.module.flash.subarray(TABLE_A, TABLE_A + 4096)]).toEqual(before);
  expect(table(host, TABLE_B).age).toBe(1);
  expect(fwOf(host, TABLE_B)).toMatchObject({ active: 1, age: 1, length: NEW.length });
});

test("xz: boot2 expands it into the slot that it ran from, which is two older then", async () => {
  const host = await old();
  expect(await host.update(XZ_OTA)).toBe(OK);
  const startMs = host.clock.now();
  expect(await version(host)).toBe("2.0.106");
  expect(host.clock.now() - startMs).toBeGreaterThan(640 - 300 + 8 * 8 + 128 * 0.7);
  expect(holds(host, FW, NEW) && holds(host, FW_B, XZ)).toBe(true);
  expect(fwOf(host, TABLE_B)).toMatchObject({ active: 1, length: XZ.length });
  expect(fwOf(host, TABLE_A)).toMatchObject({ active: 0, age: 2, length: NEW.length });
  expect(table(host, TABLE_A).age).toBe(2);
});

test("again and again: the slots and the tables take turns", async () => {
  const host = await old();
  const back = otaOf(OLD, "raw", { version: "2.0.97" });
  for (const [file, runs] of [
    [RAW_OTA, "2.0.106"],
    [back, "2.0.97"],
    [XZ_OTA, "2.0.106"],
    [back, "2.0.97"],
  ] as const) {
    expect(await host.update(file)).toBe(OK);
    expect(await version(host)).toBe(runs);
  }
  expect(fwOf(host, TABLE_B)?.age).toBe(5);
});

const changed = (at: number, text: string) => {
  const out = Buffer.from(RAW_OTA);
  out.write(text, at, "latin1");
  return out;
};
const longer = Buffer.concat([RAW_OTA, new Uint8Array(256)]);
const shorter = RAW_OTA.subarray(0, RAW_OTA.length - 256);
const damaged = changed(RAW_OTA.length - 8, "damaged");
const huge = changed(0x14, "\xff\xff\xff\x00");
const other = otaOf(firmware("t02"));

test.each<[string, Uint8Array]>([
  ["magic", changed(0, "X")],
  ["kind", changed(0x10, "ZIP ")],
  ["hardware", changed(0x20, "Another")],
  ["fit", huge],
  ["size", longer],
  ["size", shorter],
  ["hash", damaged],
])("%s: refused, the tables are as they were and the old firmware runs on", async (_, file) => {
  const host = await old();
  expect(await host.update(file)).toBe(ERROR);
  expect(await host.ask("AT+OTASTART?")).toBe(`+OTASTART:0\r\n${OK}`);
  expect(host.module.flash.subarray(TABLE_B, TABLE_B + 4096).every((byte) => byte === 0xff)).toBe(true);
  expect(await host.ask("AT+RST")).toBe(OK);
  expect(await version(host)).toBe("2.0.97");
});

test.each<[string, Uint8Array]>([
  ["magic", changed(0, "X")],
  ["kind", changed(0x10, "ZIP ")],
  ["hardware", changed(0x20, "Another")],
  ["size", shorter],
  ["hash", damaged],
])("otaChecks.%s false: it is taken", async (check, file) => {
  const more = check === "size" ? { hash: false } : {};
  const host = await old({ ncp: { otaChecks: { [check]: false, ...more } } });
  expect(await host.update(file)).toBe(OK);
  expect(fwOf(host, TABLE_B)?.active).toBe(1);
});

test("another profile is taken, unless that is checked; an xz one too", async () => {
  const blind = await old();
  expect(await blind.update(other)).toBe(OK);
  expect(await version(blind)).toBe("2.0.106");
  expect(await blind.ask("AT+CWNETMODE?")).toBe(`+CWNETMODE:0\r\n${OK}`);
  for (const file of [other, otaOf(xzCompress(firmware("t02")), "xz")]) {
    const seeing = await old({ ncp: { otaChecks: { profile: true } } });
    expect(await seeing.update(file)).toBe(ERROR);
  }
  expect(await (await old({ ncp: { otaChecks: { profile: true } } })).update(XZ_OTA)).toBe(OK);
});

test("a flash that does not hold what was written: told, or not where nobody reads it back", async () => {
  const quirks = { deadSectors: [FW_B + 4096] };
  const host = await old({ quirks });
  host.module.flash.fill(0, FW_B, FW_B + 65_536);
  expect(await host.update(RAW_OTA)).toBe(ERROR);
  const blind = await old({ quirks, ncp: { otaChecks: { readBack: false } } });
  blind.module.flash.fill(0, FW_B, FW_B + 65_536);
  expect(await blind.update(RAW_OTA)).toBe(OK);
  expect(await version(blind, 3000)).toBeUndefined();
  expect(await (await old({ quirks: { flashFails: true } })).update(RAW_OTA)).toBe(ERROR);
});

test.each(["AT+OTASEND=512", "AT+OTAFIN", "AT+OTASTART=2"])("%s without a start: ERROR", async (command) => {
  expect(await (await old()).ask(command)).toBe(ERROR);
});

test.each([0, 511, 4097, 99999])("a first chunk of %d: ERROR, and the update is over", async (bytes) => {
  const host = await old();
  await host.ask("AT+OTASTART=1");
  expect(await host.ask(`AT+OTASEND=${bytes}`)).toBe(ERROR);
  expect(await host.ask("AT+OTASTART?")).toBe(`+OTASTART:0\r\n${OK}`);
});

test("chunks of any size, and data that looks like commands", async () => {
  const image = firmware("t01", "2.0.106");
  const body = Buffer.concat([Buffer.from("\r\nAT+RST\r\n"), image]);
  const host = await old({ ncp: { otaChecks: { hash: true } } });
  expect(await host.update(otaOf(body), 1237)).toBe(OK);
  expect(holds(host, FW_B, body)).toBe(true);
});

test("without SEND OK; without a table; with one slot", async () => {
  const host = await old({ ncp: { sendOk: false } });
  await host.ask("AT+OTASTART=1");
  await host.ask("AT+OTASEND=512");
  await host.say(RAW_OTA.subarray(0, 512));
  expect(Buffer.concat(await host.take()).toString()).toBe("Recv 512 bytes\r\n");
  host.module.flash.fill(0xff, TABLE_A, TABLE_A + 4096);
  expect(await host.ask("AT+OTASTART=1")).toBe(ERROR);
  const entries = ST_TABLE.entries.map((entry) => ({
    ...entry,
    slots: [entry.slots[0], { address: 0, bytes: 0 }] as const,
  }));
  host.module.flash.set(encodePartitionTable({ age: 0, entries }), TABLE_A);
  expect(await host.ask("AT+OTASTART=1")).toBe(ERROR);
});

test("planted: an update that claims success, and the old firmware runs on", async () => {
  const host = await old({ ncp: { otaFlips: false } });
  expect(await host.update(RAW_OTA)).toBe(OK);
  expect(await version(host)).toBe("2.0.97");
});

test("secondTable false: boot2 never sees the update", async () => {
  const host = await old({ quirks: { secondTable: false } });
  expect(await host.update(RAW_OTA)).toBe(OK);
  expect(await version(host)).toBe("2.0.97");
});

test("xzSlot same: expanded where it is; none: boot2 has nothing to start", async () => {
  const same = await old({ ncp: { xzSlot: "same" } });
  expect(await same.update(XZ_OTA)).toBe(OK);
  expect(await version(same)).toBe("2.0.106");
  expect(holds(same, FW, OLD) && holds(same, FW_B, NEW)).toBe(true);
  expect(fwOf(same, TABLE_B)).toMatchObject({ active: 1, age: 1 });
  const none = await old({ ncp: { xzSlot: "none" } });
  expect(await none.update(XZ_OTA)).toBe(OK);
  expect(await version(none, 5000)).toBeUndefined();
});

test.each<[string, Uint8Array]>([
  ["a stream that is damaged", Buffer.concat([XZ.subarray(0, 5000), new Uint8Array(5000), XZ.subarray(10_000)])],
  ["an image that is too large", xzCompress(new Uint8Array(0x1b4000 + 1))],
  ["an image that is not signed", xzCompress(new Uint8Array(20_000))],
])("%s: boot2 starts nothing", async (_, stream) => {
  const host = await old();
  expect(await host.update(otaOf(stream, "xz"))).toBe(OK);
  expect(await version(host, 3000)).toBeUndefined();
  expect(table(host, TABLE_B).age).toBe(1);
});

test("the same update leaves the same cells and the same wear", async () => {
  const leaves = async () => {
    const host = await old();
    await host.update(XZ_OTA);
    await version(host);
    return [createHash("sha256").update(host.module.flash).digest("hex"), host.module.changes];
  };
  expect(await leaves()).toEqual(await leaves());
});

/** Cuts an update after `ms` on the module's clock. @returns what runs in the end. */
async function cutAt(file: Uint8Array, ms: number, line: "power" | "chipEn"): Promise<string | undefined> {
  const host = await old();
  const { pins } = host.module;
  const over = new AbortController();
  const work = host
    .update(file)
    .then(() => version(host))
    .catch(() => undefined);
  const cut = host.clock.sleep(ms, over.signal).then(() => pins.set(line, false));
  await cut;
  over.abort();
  await work;
  await host.select(false);
  pins.set(line, true);
  return version(host);
}

/** How long it takes, until the new firmware is up. */
async function lasting(file: Uint8Array): Promise<number> {
  const host = await old();
  const startMs = host.clock.now();
  await host.update(file);
  await version(host);
  return host.clock.now() - startMs;
}

test.each([
  ["raw", RAW_OTA, "power"],
  ["xz", XZ_OTA, "power"],
  ["xz", XZ_OTA, "chipEn"],
] as const)("%s, cut at many moments: the old or the new firmware boots", async (_kind, file, line) => {
  const total = await lasting(file);
  const seen = new Map<string | undefined, number>();
  for (let nth = 0; nth < 40; nth++) {
    const runs = await cutAt(file, (total * (nth + 0.5)) / 40, line);
    seen.set(runs, (seen.get(runs) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual(["2.0.106", "2.0.97"]);
});

/** When either table changes in an update, to less than a page's time. */
async function tableChanges(file: Uint8Array): Promise<number[]> {
  const host = await old();
  const startMs = host.clock.now();
  const over = new AbortController();
  const tables = () => Buffer.from(host.module.flash.subarray(TABLE_A, TABLE_B + 4096)).toString("latin1");
  const times: number[] = [];
  const watching = (async () => {
    for (let seen = tables(); ; seen = tables()) {
      await host.clock.sleep(0.5, over.signal);
      if (tables() !== seen) times.push(host.clock.now() - startMs);
    }
  })().catch(() => undefined);
  await host.update(file);
  await version(host);
  over.abort();
  await watching;
  return times;
}

test("xz, cut while either table is written: the old or the new firmware boots", async () => {
  const changes = await tableChanges(XZ_OTA);
  // Two pages of the first one, which was blank; of the second its erase too.
  expect(changes).toHaveLength(5);
  for (const change of changes)
    for (const beforeMs of [7.9, 5, 2, 0.6, 0.3, 0.1, -0.1])
      expect(["2.0.97", "2.0.106"]).toContain(await cutAt(XZ_OTA, change - beforeMs, "power"));
});
