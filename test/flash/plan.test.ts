import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { FlashSet } from "../../harness/firmware/package.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { type Step, tellStep } from "../../harness/flash/step.js";
import { writeOf } from "../../harness/flash/write-step.js";
import { xzCompress, xzDecompress } from "../../harness/native/xz.js";
import { plainSet, syntheticSet } from "../support/package.js";

const planFor = (set: FlashSet): Plan => planOf(set);

const ops = (steps: readonly Step[]): string[] =>
  steps.map((step) => ("file" in step ? `${step.op} ${step.file}` : step.op));

const eachFile = (file: string): string[] => [
  `parameters ${file}`,
  `write ${file}`,
  `write-check ${file}`,
  `verify ${file}`,
];

describe("the vendor's package", () => {
  test("mission: one chip erase, then the files in ascending order, xz over 4096 bytes", () => {
    const { steps, signed, flashBytes } = planFor(syntheticSet("t01"));
    expect(ops(steps)).toEqual(["erase-chip", ...["boot2", "partition", "FW", "littlefs"].flatMap(eachFile)]);
    expect(steps.flatMap((step) => (step.op === "write" ? [[step.address, step.bytes, step.mode]] : []))).toEqual([
      [0, 52544, "xz"],
      [0xe000, 308, "plain"],
      [0x10000, 1489024, "xz"],
      [0x378000, 446464, "xz"],
    ]);
    expect(signed.map(({ kind }) => kind)).toEqual(["boot2", "firmware"]);
    expect(flashBytes).toBe(0x378000 + 446464);
  });

  test("mfg: an erase before each file, no littlefs", () => {
    const { steps } = planFor(syntheticSet("mfg"));
    expect(steps.flatMap((step) => (step.op === "erase" ? [[step.start, step.end]] : []))).toEqual([
      [0, 52544],
      [0xe000, 0xe000 + 308],
      [0x10000, 0x10000 + 517536],
    ]);
  });

  test.each([
    ["the vendor's own xz stream is taken", (own: Uint8Array) => own, true],
    ["one of another content is not", () => xzCompress(Buffer.alloc(20_000, "another")), false],
    ["one that is damaged is not", (own: Uint8Array) => own.subarray(0, own.length - 1), false],
  ])("%s", async (row, offered, isTaken) => {
    const bytes = Buffer.alloc(20_000, `of this row alone: ${row}`);
    const xz = offered(xzCompress(bytes));
    const write = writeOf({ file: "FW", address: 0x10000, bytes, xz }, {});
    if (write.op !== "write") throw new Error("it writes nothing");
    await write.ready?.();
    expect(write.payload === xz).toBe(isTaken);
    expect(Buffer.compare(xzDecompress(write.payload, bytes.length), bytes)).toBe(0);
  });

  test("a damaged image is refused before anything else, with all that is wrong with it", () => {
    const set = syntheticSet("t01");
    const found = { file: "x.bin", rule: "version", field: "version", expected: "2.0.999", found: "2.0.106" } as const;
    const damaged = { ...set, findings: [{ ...found, severity: "error" } as const] };
    expect(() => planFor(damaged)).toThrow(
      expect.objectContaining({
        code: "IMAGE_INVALID",
        blame: "firmware",
        message: expect.stringMatching(/version.*expected 2\.0\.999, found 2\.0\.106/),
      }),
    );
  });
});

describe("skipped ranges", () => {
  const bytes = Uint8Array.from({ length: 0x4000 }, (_, index) => index % 251);
  const sha = (start: number, end: number): string =>
    createHash("sha256").update(bytes.subarray(start, end)).digest("hex");

  test("a file is split around them, and each part is erased, written and verified by itself", () => {
    const { steps } = planFor(
      plainSet([{ section: "data", address: 0x8000, bytes }], { skip: [{ address: 0x9000, bytes: 0x1000 }] }),
    );
    expect(steps.flatMap((step) => (step.op === "erase" ? [[step.start, step.end]] : []))).toEqual([
      [0x8000, 0x9000],
      [0xa000, 0xc000],
    ]);
    expect(steps.flatMap((step) => (step.op === "verify" ? [step.sha256] : []))).toEqual([
      sha(0, 0x1000),
      sha(0x2000, 0x4000),
    ]);
  });

  test("a whole file may vanish, and a range elsewhere changes nothing", () => {
    const file = { section: "data", address: 0x8000, bytes };
    const other = { section: "other", address: 0x20000, bytes: Uint8Array.of(1) };
    const { steps } = planFor(
      plainSet([file, other], {
        skip: [
          { address: 0x7000, bytes: 0x9000 },
          { address: 0x30000, bytes: 4 },
        ],
      }),
    );
    expect(steps.filter(({ op }) => op === "write").map(tellStep)).toEqual([
      "other: write 1 bytes at 0x20000, plain, 1 on the line",
    ]);
  });

  test("one that shares a sector with what is erased is refused: it would not be kept", () => {
    const set = plainSet([{ section: "data", address: 0x8000, bytes }], { skip: [{ address: 0x9800, bytes: 0x800 }] });
    expect(() => planFor(set)).toThrow(
      expect.objectContaining({ code: "PLAN_INVALID", message: expect.stringContaining("a skipped range at 0x9800") }),
    );
  });
});

test("what was to be skipped is not lost to --erase needed either", () => {
  const set = plainSet([{ section: "data", address: 0x8000, bytes: new Uint8Array(0x4000).fill(1) }], {
    skip: [{ address: 0x9800, bytes: 0x800 }],
  });
  expect(() => planOf(set, { erase: "needed" })).toThrow(expect.objectContaining({ code: "PLAN_INVALID" }));
});

test("two files in one sector are refused where each is erased for itself, and fine after a chip erase", () => {
  const files = [
    { section: "one", address: 0x8000, bytes: Uint8Array.of(1, 2) },
    { section: "two", address: 0x8800, bytes: Uint8Array.of(3, 4) },
  ];
  expect(() => planFor(plainSet(files))).toThrow(
    expect.objectContaining({ code: "PLAN_INVALID", message: expect.stringContaining("one at 0x8000") }),
  );
  expect(ops(planFor(plainSet(files, { erase: 2 })).steps)[0]).toBe("erase-chip");
});

test("what xz makes larger goes plainly", () => {
  const noise = createHash("shake256", { outputLength: 5000 }).update("noise").digest();
  const write = planFor(plainSet([{ section: "noise", address: 0, bytes: noise }])).steps.find(
    ({ op }) => op === "write",
  );
  expect(write).toMatchObject({ mode: "plain", bytes: 5000 });
});
