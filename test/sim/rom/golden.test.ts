import { expect, test } from "@jest/globals";
import { syntheticBoot2 } from "../../../harness/firmware/synthetic.js";
import { VECTORS } from "../../support/golden.js";
import { Host, SYNC_BYTE } from "../host.js";

const of = (name: string) => {
  const row = VECTORS.framing.find((candidate) => candidate.name.startsWith(name));
  if (row === undefined) throw new Error(`no vector ${name}`);
  return row;
};

/** Not on a fresh session with a blank flash: an answer at another rate, one that needs something before, a cut frame. */
const ELSEWHERE =
  /A0|first 40 bytes|request only|readSha|get_boot_info|change_rate|flash_boot|load_seg_header|check_image|run_image/;
const alone = VECTORS.framing.filter(({ name }) => !ELSEWHERE.test(name));

test("most of the golden frames stand alone", () => {
  expect(alone.length).toBeGreaterThan(26);
});

test.each(alone.map(({ name, request, response }) => [name, request, response ?? ""]))(
  "%s",
  async (_, request, answer) => {
    const host = await Host.inSession({ contents: "blank" });
    await host.expect(request, answer, 20_000);
  },
);

test.each([
  ["flash_read 0xe000", `4f4b0008${"ff".repeat(2048)}`],
  ["efuse_read addr 256", `4f4b2000${"00".repeat(32)}`],
  ["log_read", "4f4b0000"],
])("of the requests without an answer in the vectors: %s", async (name, answer) => {
  const host = await Host.inSession({ contents: "blank" });
  await host.expect(of(name).request, answer);
});

test.each([
  ["efuse_read addr 0 len 128", 128],
  ["efuse_read addr 0 len 512", 512],
])("%s: so many bytes, the MAC reversed in them", async (name, bytes) => {
  const host = await Host.inSession({ contents: "blank" });
  const heard = Buffer.from(await host.ask(of(name).request), "hex");
  expect(heard.subarray(0, 4)).toEqual(Buffer.from([0x4f, 0x4b, bytes & 0xff, bytes >> 8]));
  expect(heard).toHaveLength(4 + bytes);
  expect(heard.toString("hex", 4 + 0x14, 4 + 0x1a)).toBe("4277037b8240");
});

test.each(VECTORS.boot_info.filter(({ data }) => data.length === 56).map(({ chip_id, data }) => [chip_id, data]))(
  "boot info of %s",
  async (chipId, data) => {
    const host = await Host.inRom({ chipId });
    await host.sync();
    await host.expect("10000000", `4f4b1c00${data}`);
    await host.expect("10010000", "464c0301");
  },
);

test("boot info of an unlocked part", async () => {
  const host = await Host.inRom({ locked: false });
  await host.sync();
  const heard = await host.ask("10000000");
  expect(heard.slice(8, 32)).toBe("020016060000010027128201");
});

const A0 = { chipId: "b40ecf359731", locked: false, quirks: { romVersion: 1 } };

test("a BL616 A0: 24 bytes of boot info, no 0x23, its time-out set by a memory write", async () => {
  const host = await Host.inRom(A0);
  await host.sync();
  const info = of("get_boot_info (BL616 A0");
  await host.expect(info.request, info.response ?? "");
  await host.expect(of("set_timeout 10000").request, "");
  await host.expect(of("memory_write A0 ROM timeout 10 s").request, "4f4b");
  await host.expect("5100080004df026104000000", "4f4b040000121027");
  await host.clock.sleep(19_000);
  await host.expect(info.request, info.response ?? "");
  await host.expect(of("memory_write A0 ROM timeout 2 s").request, "4f4b");
  await host.clock.sleep(4100);
  await host.expect(info.request, "");
});

test("on a later ROM the same memory write is taken, and sets nothing", async () => {
  const host = await Host.inRom();
  await host.sync();
  await host.expect(of("memory_write A0 ROM timeout 10 s").request, "4f4b");
  await host.clock.sleep(4100);
  await host.expect("10000000", "");
});

test.each(VECTORS.sync)("$count bytes of 0x55 at $speed Bd: the vendor's burst is answered once", async (row) => {
  const host = await Host.inRom();
  await host.wire.setBaud(row.speed, host.deadline());
  expect(await host.ask(new Uint8Array(row.count).fill(SYNC_BYTE))).toBe("4f4b");
  await host.expect("10000000", `4f4b1c00${VECTORS.boot_info[1]?.data}`);
});

test.each(VECTORS.jedec)("JEDEC id $jedec_id", async ({ jedec_id, size_bytes }) => {
  const host = await Host.inSession({ jedec: jedec_id, contents: "blank" });
  await host.expect("36000000", `4f4b0400${jedec_id}00`);
  expect(host.module.flash).toHaveLength(size_bytes);
});

test.each(VECTORS.flash_set_word)("set-para with $wire", async ({ wire }) => {
  const host = await Host.inRom();
  await host.sync();
  await host.expect(`3b000400${wire}`, "4f4b");
  await host.expect("36000000", "4f4b0400c4601600");
});

test("the partition table is written, checked and hashed, both ways", async () => {
  const host = await Host.inSession({ contents: "blank" });
  await host.expect(of("flash_write partition.bin").request, "4f4b");
  await host.expect("3a000000", "4f4b");
  const direct = of("flash_readSha");
  await host.expect(direct.request, direct.response ?? "none");
  await host.expect("60000000", "4f4b");
  const mapped = of("flash_xip_readSha");
  await host.expect(mapped.request, mapped.response ?? "none");
  await host.expect("61000000", "4f4b");
  const stored = host.module.flash.subarray(0xe000, 0xe134);
  expect(Buffer.from(stored).toString("hex")).toBe(VECTORS.partition.hex);
});

test("change_rate: its OK comes at the new rate, 4 ms later, and the session goes on there", async () => {
  const host = await Host.inRom();
  await host.wire.setBaud(115_200, host.deadline());
  await host.sync(69);
  const { request, response } = of("change_rate");
  await host.send(request);
  await host.wire.setBaud(500_000, host.deadline());
  const sentMs = host.clock.now();
  expect(await host.listen()).toBe(response);
  expect(host.clock.now() - sentMs - 50).toBeCloseTo(4 + 2 * 0.02, 6);
  await host.expect("10000000", `4f4b1c00${VECTORS.boot_info[1]?.data}`);
});

test("a host that does not follow a change_rate hears no OK", async () => {
  const host = await Host.inRom();
  await host.wire.setBaud(115_200, host.deadline());
  await host.sync(69);
  expect(await host.ask(of("change_rate").request)).not.toContain("4f4b");
});

test("load_seg_header behind a header, check_image and run_image before their turn", async () => {
  const host = await Host.inSession({ locked: false });
  expect(of("load_boot_header").request.slice(8)).toBe(Buffer.from(syntheticBoot2().subarray(0, 256)).toString("hex"));
  await host.expect(of("load_seg_header").request, "464c0401");
  await host.expect(of("run_image").request, "464c0401");
  await host.expect(of("check_image").request, "464c1602");
  await host.expect("10000000", "");
});
