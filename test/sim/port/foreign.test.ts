import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Host, hexOf } from "../host.js";

/** What went over the line: bytes, or a new rate of the host; `waitMs`: how long the host had let the line rest. */
type Entry =
  | { readonly dir: "host"; readonly hex: string; readonly waitMs?: number }
  | { readonly dir: "host"; readonly baud: number }
  | { readonly dir: "module"; readonly hex: string };

const FOLDER = "test/golden";
const RECORDED = readdirSync(FOLDER).filter((name) => name.startsWith("foreign-"));
const recorded = (name: string) => JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8")) as Entry[];

/** Longer than any command of these recordings takes, and shorter than the module's patience. */
const LONGEST_MS = 1500;

/** @returns `already` and what the module adds to it, until there is as much as in `hex` or it falls silent. */
async function hear(host: Host, already: string, { hex }: { readonly hex: string }): Promise<string> {
  const deadline = host.deadline(LONGEST_MS);
  let heard = already;
  while (heard.length < hex.length) {
    const bytes = await host.wire.read(deadline).catch(() => undefined);
    if (bytes === undefined) break;
    heard += hexOf(bytes);
  }
  return heard;
}

/**
 * Says what the host said, when it said it. Some programs look at an answer only later: what comes while they wait
 * counts to the next entry of the module.
 *
 * @returns the entries, with what this module answers.
 */
async function replay(host: Host, entries: readonly Entry[]): Promise<Entry[]> {
  const heard: Entry[] = [];
  let unread = "";
  for (const entry of entries) {
    if (entry.dir === "module") {
      heard.push({ dir: "module", hex: await hear(host, unread, entry) });
      unread = "";
      continue;
    }
    if ("hex" in entry && entry.waitMs !== undefined) unread += await host.listen(entry.waitMs);
    if ("hex" in entry) await host.send(entry.hex);
    else await host.wire.setBaud(entry.baud, host.deadline());
    heard.push(entry);
  }
  unread += await host.listen();
  return unread === "" ? heard : [...heard, { dir: "module", hex: unread }];
}

test("there are recordings of other people's programs", () => {
  expect(RECORDED.length).toBeGreaterThan(5);
});

test.each(RECORDED)("%s: the same bytes from the module", async (name) => {
  const entries = recorded(name);
  const host = await Host.inRom({ contents: "blank" });
  await host.wire.setBaud(500_000, host.deadline());
  expect(await replay(host, entries)).toEqual(entries);
});

test("a recording whose first chunk has lost its last byte is told apart", async () => {
  const entries = recorded("foreign-xz-verify.json");
  const chunk = entries.findIndex((entry) => "hex" in entry && entry.hex.startsWith("3f"));
  const cut = entries.map((entry, at) =>
    at === chunk && "hex" in entry ? { ...entry, hex: entry.hex.slice(0, -2) } : entry,
  );
  const host = await Host.inRom({ contents: "blank" });
  expect(await replay(host, cut)).not.toEqual(cut);
});

test("a program writes xz, another writes plain: what its files held is on the flash, and nothing else", async () => {
  const xz = await Host.inRom({ contents: "blank" });
  await replay(xz, recorded("foreign-xz-verify.json"));
  const raw = await Host.inRom({ contents: "blank" });
  await replay(raw, recorded("foreign-section-raw.json"));
  const random = Buffer.from(raw.module.flash.subarray(0x378000, 0x378000 + 2500));
  expect(Buffer.from(xz.module.flash.subarray(0x10000, 0x10000 + 2500))).toEqual(random);
  expect(Buffer.from(xz.module.flash).toString("latin1", 0x10000 + 2600, 0x10000 + 2620)).toBe("a line that repeats\n");
  for (const [host, start, end] of [
    [xz, 0x10000, 0x10000 + 5000],
    [raw, 0x378000, 0x378000 + 2500],
  ] as const) {
    expect(host.module.flash.subarray(0, start).every((byte) => byte === 0xff)).toBe(true);
    expect(host.module.flash.subarray(end).every((byte) => byte === 0xff)).toBe(true);
  }
});
