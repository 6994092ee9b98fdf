import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { encodePartitionTable, ST_TABLE } from "../../../harness/firmware/partition.js";
import { syntheticBoot2 } from "../../../harness/firmware/synthetic.js";
import { scratch } from "../../support/scratch.js";
import { FW, firmware, TABLE_A, TABLE_B } from "../boot/images.js";
import { hexOf, SpiHost } from "../spi/host.js";

const OK = "\r\nOK\r\n";
const ERROR = "\r\nERROR\r\n";

/** A module whose flash holds these, as if it had come from the factory with them. */
async function holding(
  parts: readonly (readonly [number, Uint8Array])[],
  options: object = {},
  up = SpiHost.ready,
): Promise<SpiHost> {
  using folder = scratch();
  const flash = Buffer.alloc(4 * 1024 * 1024, 0xff);
  for (const [address, bytes] of [[0, syntheticBoot2()] as const, ...parts]) flash.set(bytes, address);
  const contents = folder.file("flash.bin");
  writeFileSync(contents, flash);
  return up({ contents, ...options });
}
const table = encodePartitionTable(ST_TABLE);
const running = (image = firmware(), options: object = {}) =>
  holding(
    [
      [TABLE_A, table],
      [FW, image],
    ],
    options,
  );

/** Each frame's payload. */
async function frames(host: SpiHost, command: string): Promise<string[]> {
  await host.say(`${command}\r\n`);
  return (await host.take()).map((payload) => payload.toString("latin1"));
}

test("AT+GMR of a T01, byte for byte; each line is a frame", async () => {
  const host = await running();
  await host.say("AT+GMR\r\n");
  const all = Buffer.concat(await host.take()).toString("latin1");
  expect(all).toBe(
    "AT version:1.0.0.0(Jan  1 2026 01:00:46)\r\ncomponent_version_sdk_2.0.106\r\nSW image:spi_wifi\r\ncompile time:Jan  1 2026 01:00:46\r\n\r\nOK\r\n",
  );
  expect(await frames(host, "AT+GMR")).toHaveLength(5);
});

test("AT+GMR of a T02, of one with all components, and of one before there were markers", async () => {
  expect(await (await running(firmware("t02", "2.0.97"))).ask("AT+GMR")).toContain(
    "component_version_sdk_2.0.97\r\nSW image:spi_wifi_lwip_onhost\r\n",
  );
  const old = await (await SpiHost.ready()).ask("AT+GMR");
  expect(old).toContain("component_version_sdk_2.0.75\r\ncompile time:");
  expect(old).not.toContain("SW image");
});

test("AT+CWNETMODE? tells the profile by the marker", async () => {
  expect(await (await running()).ask("AT+CWNETMODE?")).toBe(`+CWNETMODE:1\r\n${OK}`);
  expect(await (await running(firmware("t02"))).ask("AT+CWNETMODE?")).toBe(`+CWNETMODE:0\r\n${OK}`);
  expect(await (await SpiHost.ready()).ask("AT+CWNETMODE?")).toBe(`+CWNETMODE:1\r\n${OK}`);
});

test("AT+PART? of ST's table, byte for byte", async () => {
  expect(await (await running()).ask("AT+PART?")).toBe(
    [
      '+PART=16,0,"   Boot2",0x00000000,0x00000000,57344,0',
      '+PART=0,0,"      FW",0x00010000,0x001c4000,1785856,0',
      '+PART=10,0,"     mfg",0x001c4000,0x00000000,1785856,0',
      '+PART=2,0,"   media",0x00378000,0x00000000,446464,0',
      '+PART=2,0,"   rsvd1",0x003e5000,0x00000000,16384,0',
      '+PART=3,0,"     PSM",0x003e9000,0x00000000,32768,0',
      '+PART=8,0,"   rsvd2",0x003f1000,0x00000000,57344,0',
      '+PART=9,0,"     MFD",0x003ff000,0x00000000,4096,0',
      OK,
    ].join("\r\n"),
  );
});

test("AT+PART? tells of the table that counts; with the knobs its numbers mean something else", async () => {
  const entries = ST_TABLE.entries.map((entry) => (entry.name === "FW" ? { ...entry, length: 77, age: 4 } : entry));
  const second = encodePartitionTable({ age: 3, entries });
  const parts = [
    [TABLE_A, table],
    [TABLE_B, second],
    [FW, firmware()],
  ] as const;
  expect(await (await holding(parts)).ask("AT+PART?")).toContain(
    '+PART=0,0,"      FW",0x00010000,0x001c4000,1785856,4\r\n',
  );
  const other = await holding(parts, { ncp: { partFirst: "index", partLength: "used" } });
  expect(await other.ask("AT+PART?")).toContain('+PART=1,0,"      FW",0x00010000,0x001c4000,77,4\r\n');
});

test("AT+EFUSE-R: raw bytes between text and CR LF, in three frames", async () => {
  const keyHash = `${"0d0a4f4b0d0a".repeat(5)}0d0a`;
  const host = await running(firmware(), { keyHash });
  expect((await frames(host, 'AT+EFUSE-R=32,"0x01c",1')).map((text) => hexOf(Buffer.from(text, "latin1")))).toEqual([
    hexOf(Buffer.from("+EFUSE-R:32,")),
    `${keyHash}0d0a`,
    hexOf(Buffer.from(OK)),
  ]);
  expect(await host.ask('AT+EFUSE-R=6,"0x14"')).toBe(`+EFUSE-R:6,\x42\x77\x03\x7b\x82\x40\r\n${OK}`);
});

test.each(["0", "513", "1,", '6,"14"', '6,"0x1fb"', '-1,"0x0"', '6,"0x014",1,1'])(
  "AT+EFUSE-R=%s: ERROR",
  async (values) => {
    const text = /"/.test(values) ? values : `${values.replace(",", "")},"0x000"`;
    expect(await (await SpiHost.ready()).ask(`AT+EFUSE-R=${values === "1," ? values : text}`)).toBe(ERROR);
  },
);

test("AT+GMAC?, AT+PN?, AT+VBAT?", async () => {
  const host = await SpiHost.ready();
  expect(await host.ask("AT+GMAC?")).toBe(
    `+GMACSLOT0:40:82:7b:03:77:42\r\n+GMACSLOT1:00:00:00:00:00:00\r\n+GMACSLOT2:00:00:00:00:00:00\r\n${OK}`,
  );
  expect(await host.ask("AT+PN?")).toBe(`+PN:\r\n${OK}`);
  expect(await host.ask("AT+VBAT?")).toBe(`+VBAT:3300\r\n${OK}`);
});

test.each([
  "AT+RESTORE",
  "AT+RESTORE=1",
  'AT+EFUSE-W=1,"0x0"',
  "AT+EFUSE-W-HEX=1",
  "AT+EFUSE-CFM",
  "AT+FLASH-W=1",
  "AT+FLASH-E=0,4096",
  "AT+MFG",
  "at+restore",
  " AT",
  "AT;AT+RESTORE",
  "ATE2",
  "A".repeat(600),
])("%s: ERROR, and nothing changes", async (command) => {
  const host = await SpiHost.ready();
  const before = host.module.changes;
  expect(await host.ask(command)).toBe(ERROR);
  expect(host.module.changes).toBe(before);
  expect(await host.ask("AT")).toBe(OK);
});

test("a command in pieces; empty lines; one that comes while another is under way", async () => {
  const host = await SpiHost.ready();
  await host.say("\r\n\r\nA");
  await host.say("T\r");
  await host.say("\n");
  expect((await host.take()).map(String)).toEqual([OK]);
  await host.say("AT+VBAT?\r\nAT+RESTORE\r\nAT\r\n");
  expect((await host.take()).map(String)).toEqual(["\r\nbusy p...\r\n", "+VBAT:3300\r\n", OK]);
});

test("AT+RST: OK is taken first, then the module starts anew", async () => {
  const host = await SpiHost.ready();
  await host.ask("AT+OTASTART=1");
  expect(await host.ask("AT+RST")).toBe(OK);
  await host.clock.sleep(500);
  expect(host.module.ready).toBe(false);
  expect(await host.level(true)).toBe(true);
  expect((await host.take()).map(String)).toEqual(["\r\nready\r\n"]);
  expect(await host.ask("AT+OTASTART?")).toBe(`+OTASTART:0\r\n${OK}`);
});

test("a host that does not take the OK of AT+RST does not hold it up", async () => {
  const host = await SpiHost.ready({ ncp: { restartMs: 20 } });
  await host.say("AT+RST\r\n");
  await host.clock.sleep(700);
  expect((await host.take()).map(String)).toEqual(["\r\nready\r\n"]);
});

test("how answers look: echo, without empty lines, in one frame, cut to what a frame holds", async () => {
  const echoing = await SpiHost.ready({ ncp: { echo: true } });
  expect(await echoing.ask("AT+VBAT?")).toBe(`AT+VBAT?\r\n+VBAT:3300\r\n${OK}`);
  expect(await echoing.ask("ATE0")).toBe(`ATE0\r\n${OK}`);
  expect(await echoing.ask("AT")).toBe(OK);
  expect(await echoing.ask("ATE1")).toBe(OK);
  const bare = await SpiHost.ready({ ncp: { blankLines: false, answers: "one" } });
  expect(await frames(bare, "AT+VBAT?")).toEqual(["+VBAT:3300\r\nOK\r\n"]);
  const small = await SpiHost.ready({ ncp: { mtu: 64, answers: "one" } });
  const pieces = await frames(small, "AT+GMR");
  expect(pieces.slice(0, -1).every(({ length }) => length === 64)).toBe(true);
  expect(pieces.join("")).toContain("component_version_sdk_2.0.75\r\n");
});

test("planted: another version and another mode than run; the board in the marker", async () => {
  const host = await running(firmware(), { ncp: { gmrVersion: "2.0.97", netMode: 0, imageBoard: true, vbatMv: 1 } });
  expect(await host.ask("AT+GMR")).toContain("component_version_sdk_2.0.97\r\nSW image:spi_wifi_qcc74xdk\r\n");
  expect(await host.ask("AT+CWNETMODE?")).toBe(`+CWNETMODE:0\r\n${OK}`);
  const t02 = await running(firmware("t02"), { ncp: { imageBoard: true } });
  expect(await t02.ask("AT+GMR")).toContain("SW image:spi_wifi_qcc74xdk_lwip_onhost\r\n");
});

test.each([true, false])("a manufacturing image answers nothing; mfgReady %s is its SPI_RDY", async (mfgReady) => {
  const parts = [
    [TABLE_A, table],
    [FW, firmware("mfg")],
  ] as const;
  const host = await holding(parts, { ncp: { mfgReady } }, SpiHost.up);
  expect(host.module.ready).toBe(mfgReady);
  await host.select(true);
  expect(hexOf(await host.xfer(Buffer.from("aa5504000000000041540d0a", "hex")))).toBe("00".repeat(12));
  await host.clock.sleep(1000);
  expect(host.module.ready).toBe(mfgReady);
});
