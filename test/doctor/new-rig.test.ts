import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Ask, askRig, DRIVERS, type NewRig } from "../../harness/doctor/new-rig.js";
import { rigText } from "../../harness/doctor/rig-text.js";
import { loadRig } from "../../rigs/file/load.js";
import { RigFile } from "../../rigs/file/schema.js";
import { rigFile } from "../rigs/rig-file.js";

const CHIP = { name: "gpiochip512", label: "pinctrl-bcm2711", base: 512, lines: 58 };
const FOUND = { ports: ["/dev/serial/by-id/usb-FTDI_1"], chips: [CHIP] };
const load = (rig: NewRig) => loadRig(rigFile(rigText(rig)));

/** A person who answers what is known and takes what is proposed; what would be a mistake is one. */
function answering(answers: Readonly<Record<string, string>>): { ask: Ask; asked: string[] } {
  const asked: string[] = [];
  const ask: Ask = async ({ option, proposal, mistake }) => {
    asked.push(option);
    const answer = answers[option] ?? proposal ?? "";
    const wrong = mistake(answer);
    if (wrong !== undefined) throw new Error(`--${option}: ${wrong}`);
    return answer;
  };
  return { ask, asked };
}

test("Enter and nothing else, on a Pi with an adapter: a rig that loads", async () => {
  const { ask, asked } = answering({});
  const rig = load(await askRig(ask, FOUND));
  expect(asked).toEqual(["name", "driver", "port", "chip", "boot-bcm", "chip-en-bcm", "power-bcm", "ready-bcm"]);
  expect(rig).toMatchObject({
    name: "bench-1",
    straps: { driver: "onoff", boot: { bcm: 17, active: "high" }, chipEn: { bcm: 27, active: "high" } },
    serial: { driver: "port", path: "/dev/serial/by-id/usb-FTDI_1" },
  });
});

test.each(DRIVERS)(
  "%s: what was asked is all that its driver needs, and nothing differs from the defaults",
  async (driver) => {
    const { ask } = answering({ driver, socket: "./lines" });
    const rig = load(await askRig(ask, FOUND));
    const { straps, serial } = rig;
    const bare = { name: "bench-1", straps, serial: { driver: serial.driver, path: serial.path } };
    expect(rig).toEqual(RigFile.parse(JSON.parse(JSON.stringify(bare))));
    expect(straps.driver).toBe(driver);
  },
);

test("every field that a rig file can have is there, each below a comment", async () => {
  const text = rigText(await askRig(answering({ "power-bcm": "22", "ready-bcm": "23" }).ask, FOUND));
  const lines = text.split("\n");
  const fields = Object.keys(RigFile.in.shape).filter((name) => name !== "sim");
  for (const name of fields) expect(text).toMatch(new RegExp(`^(# )?${name}:`, "m"));
  const leaf = /^ *(\w+: \S|# (boot|chipEn|power|ready|path|module|reference): [{./])/;
  const leaves = lines.flatMap((line, index) => (leaf.test(line) ? [lines[index - 1]] : []));
  expect(leaves.length).toBeGreaterThan(20);
  for (const above of leaves) expect(above).toMatch(/^\s*# \S/);
  expect(loadRig(rigFile(text))).toMatchObject({ bootProof: ["banner", "ready"], straps: { ready: { bcm: 23 } } });
});

test("with SPI_RDY, SPI is asked for, and CS with it", async () => {
  const { ask, asked } = answering({ "ready-bcm": "23", spi: "/dev/spidev0.0" });
  const { straps, spi } = load(await askRig(ask, { ...FOUND, spis: ["/dev/spidev0.0"] }));
  expect(asked.slice(-3)).toEqual(["ready-bcm", "spi", "cs-bcm"]);
  expect(straps.ready).toEqual({ bcm: 23, active: "high" });
  expect(spi).toEqual({
    driver: "spidev",
    path: "/dev/spidev0.0",
    speedHz: 10_000_000,
    cs: { bcm: 8, active: "high" },
  });
});

test("another chip: lines are offsets of it", async () => {
  const { ask } = answering({ driver: "chardev", chip: "gpio-mockup: A", "boot-bcm": "200", "chip-en-bcm": "0" });
  expect(load(await askRig(ask, FOUND)).straps).toMatchObject({
    boot: { chip: "gpio-mockup: A", offset: 200 },
    chipEn: { offset: 0 },
  });
});

test.each([
  [{ name: "a/b" }, "--name: expected a name on one line"],
  [{ driver: "gpio" }, "--driver: expected one of onoff"],
  [{ "boot-bcm": "54" }, "--boot-bcm: expected a whole number from 0 to 53"],
  [{ "boot-bcm": "x" }, "--boot-bcm: expected a whole number"],
  [{ "chip-en-bcm": "017" }, "--chip-en-bcm: --boot-bcm has that line already"],
  [{ "ready-bcm": "8", spi: "/dev/spidev0.0" }, "--cs-bcm: --ready-bcm has that line already"],
  [{ driver: "modem", "boot-line": "cts" }, "--boot-line: expected one of rts, dtr"],
])("%p is a mistake", async (answers, told) => {
  await expect(askRig(answering(answers as Record<string, string>).ask, FOUND)).rejects.toThrow(told);
});

test("whatever text is answered: it stays that text", async () => {
  const name = fc.string({ unit: "binary", minLength: 1 }).filter((text) => /^[^\p{Cc}\p{Cs}/\\]+$/u.test(text));
  const path = fc
    .string({ unit: "binary" })
    .filter((text) => !/\p{Cs}/u.test(text))
    .map((text) => `/${text}`);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(name, fc.constantFrom("true", "null", "1e5", "~", "# x", ": y")),
      path,
      async (name, path) => {
        const rig = load(await askRig(answering({ name, driver: "socket", port: path, socket: path }).ask, FOUND));
        expect([rig.name, rig.serial.path, rig.straps.path]).toEqual([name, path, path]);
      },
    ),
    { numRuns: 100 },
  );
});
