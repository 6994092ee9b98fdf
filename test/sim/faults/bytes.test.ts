import { expect, test } from "@jest/globals";
import { hexOf } from "../host.js";
import { struck, these } from "./struck.js";

const OK = "4f4b";
const JEDEC = "36000000";
const JEDEC_ANSWER = "4f4b0400c4601600";
const BOOT_INFO = "10000000";
const zeros = (bytes: number) => new Uint8Array(bytes);

test("byte of the host: dropped, flipped, with noise before it", async () => {
  // A burst of 300 and a set-para of 8 come first.
  const at = (byte: number) => ({ byte: 308 + byte, dir: "host" });
  const dropped = await struck([{ at: at(0), do: "drop" }]);
  await dropped.expect(JEDEC, "");
  await dropped.expect("00", "");
  await dropped.expect(JEDEC, JEDEC_ANSWER);
  const bit = await struck([{ at: at(1), do: "flip" }], these(0));
  await bit.expect(JEDEC, "464c0301");
  await bit.expect(JEDEC, JEDEC_ANSWER);
  const noise = await struck([{ at: at(0), do: "insert" }], these(0));
  await noise.expect(JEDEC, "464c0301");
  await noise.expect(JEDEC, JEDEC_ANSWER);
});

test("byte of the module: dropped, flipped, with noise before it, late", async () => {
  // Two OKs come first.
  const at = (byte: number) => ({ byte: 4 + byte, dir: "module" });
  const host = await struck(
    [
      { at: at(7), do: "drop" },
      { at: at(8 + 2), do: "flip" },
      { at: at(16), do: "insert" },
      { at: at(24 + 4), do: "delay", forMs: 40 },
    ],
    these(0),
  );
  await host.expect(JEDEC, JEDEC_ANSWER.slice(0, -2));
  await host.expect(JEDEC, "4f4b0500c4601600");
  await host.expect(JEDEC, `00${JEDEC_ANSWER}`);
  await host.send(JEDEC);
  expect(hexOf(await host.wire.read(host.deadline()))).toBe(JEDEC_ANSWER.slice(0, 8));
  const heardMs = host.clock.now();
  expect(hexOf(await host.wire.read(host.deadline()))).toBe(JEDEC_ANSWER.slice(8, 10));
  expect(host.clock.now() - heardMs).toBeCloseTo(40 + 0.02, 6);
});

test("delay of a byte of the host: it and what comes behind it arrive late, in order", async () => {
  const host = await struck([{ at: { byte: 309, dir: "host" }, do: "delay", forMs: 700 }]);
  await host.send(JEDEC);
  await host.clock.sleep(100);
  await host.send(BOOT_INFO);
  const heard = await host.ask("", 650);
  // The second one came in the same breath as the first: it is lost, as any packet behind another.
  expect(heard).toBe(JEDEC_ANSWER);
  await host.expect(JEDEC, JEDEC_ANSWER);
});

test("what is held back has bounds", async () => {
  const host = await struck([{ at: { byte: 308, dir: "host" }, do: "delay", forMs: 60_000 }]);
  await host.wire.setBaud(3_000_000, host.deadline());
  for (let turn = 0; turn < 4; turn++) await host.send(zeros(65_000));
  await host.set("power", false);
  await host.clock.sleep(1);
  expect(host.clock.sleeping).toBe(0);
});

test.each([
  ["the last byte of a packet", 3],
  ["the third", 2],
])("cutPower at a byte of the host, %s: the module is off as soon as it has come", async (_, byte) => {
  const host = await struck([{ at: { byte: 308 + byte, dir: "host" }, do: "cutPower", forMs: 50 }]);
  const startMs = host.clock.now();
  await host.expect(JEDEC, "", 40);
  expect(host.clock.now() - startMs).toBeCloseTo(0.08 + 40, 6);
  expect(await host.sync()).toBe("");
  expect(await host.sync()).toBe(OK);
});

test("silent at a byte of the module: what had left by then is heard", async () => {
  const host = await struck([{ at: { byte: 4 + 2, dir: "module" }, do: "silent" }]);
  await host.expect(JEDEC, JEDEC_ANSWER.slice(0, 6));
  await host.expect(JEDEC, "");
});
