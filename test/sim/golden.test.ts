import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Host } from "./host.js";

interface Vectors {
  framing: { name: string; request: string; response: string | null }[];
  boot_info: { data: string; length: number; chip_id: string }[];
  partition: { hex: string };
}

const vectors = JSON.parse(readFileSync(new URL("../golden/vectors.json", import.meta.url), "utf8")) as Vectors;

/** Of another ROM; a frame that the file cuts short; answers that need something before. */
const ELSEWHERE = /A0|first 40 bytes|request only|xip_readSha|get_boot_info/;
const alone = vectors.framing.filter(({ name }) => !ELSEWHERE.test(name));

test("most of the golden frames stand alone", () => {
  expect(alone.length).toBeGreaterThan(17);
});

test.each(alone.map(({ name, request, response }) => [name, request, response ?? ""]))(
  "%s",
  async (_, request, answer) => {
    const host = await Host.inSession({ contents: "blank" });
    await host.expect(request, answer, 20_000);
  },
);

test.each(vectors.boot_info.filter(({ length }) => length === 28).map(({ chip_id, data }) => [chip_id, data]))(
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

test("the partition table is written, checked and hashed", async () => {
  const of = (name: string) => vectors.framing.find((row) => row.name.startsWith(name));
  const host = await Host.inSession({ contents: "blank" });
  await host.expect(of("flash_write partition.bin")?.request ?? "", "4f4b");
  await host.expect("3a000000", "4f4b");
  await host.expect("60000000", "4f4b");
  const sha = of("flash_xip_readSha");
  await host.expect(sha?.request ?? "", sha?.response ?? "none");
  await host.expect("61000000", "4f4b");
  const stored = host.module.flash.subarray(0xe000, 0xe134);
  expect(Buffer.from(stored).toString("hex")).toBe(vectors.partition.hex);
});
