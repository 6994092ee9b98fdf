import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { optionsAlone, Questionnaire } from "../../harness/cli/terminal/questions.js";
import { askRig } from "../../harness/doctor/new-rig.js";

const FOUND = { ports: ["/dev/serial/by-id/usb-FTDI_1"], chips: [] };

/** What a person types, line by line, and what was shown. */
function typing(lines: readonly string[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = "";
  output.setEncoding("utf8").on("data", (text) => {
    shown += String(text);
  });
  input.end(lines.map((line) => `${line}\n`).join(""));
  return { input, output, signal: new AbortController().signal, shown: () => shown };
}

test("options are not asked for; input that ends is the operator's leave", async () => {
  const person = typing([""]);
  using questionnaire = new Questionnaire({ name: "desk", driver: "modem" }, person);
  await expect(askRig(questionnaire.ask, FOUND)).rejects.toMatchObject({ code: "ABORTED" });
  expect(person.shown()).not.toContain("Name of the rig");
});

test("a terminal that goes away at a question is the operator's leave too", async () => {
  const input = new PassThrough();
  using questionnaire = new Questionnaire({}, { ...typing([]), input });
  const asked = askRig(questionnaire.ask, FOUND);
  input.destroy(new Error("read EIO"));
  await expect(asked).rejects.toMatchObject({ code: "ABORTED", message: expect.stringContaining("the input ended") });
});

test("a whole interview: Enter for what is proposed, a wrong answer asked for again", async () => {
  const person = typing(["desk", "gpio", "modem", "", "dtr", ""]);
  using questionnaire = new Questionnaire({}, person);
  await expect(askRig(questionnaire.ask, FOUND)).resolves.toMatchObject({
    name: "desk",
    driver: "modem",
    port: "/dev/serial/by-id/usb-FTDI_1",
    boot: { line: "dtr", active: "low" },
    chipEn: { line: "rts", active: "low" },
  });
  expect(person.shown()).toContain("expected one of onoff, chardev, modem");
  expect(person.shown()).toContain("  manual   you, with buttons or wires");
  expect(person.shown()).toContain("[/dev/serial/by-id/usb-FTDI_1]: ");
});

test("each question about a GPIO line is a sentence, whatever the chip", async () => {
  const person = typing(["desk", "onoff", "/dev/ttyS0", "", "17", "27", "", "", ""]);
  using questionnaire = new Questionnaire({}, person);
  await askRig(questionnaire.ask, { ports: [], chips: [] });
  expect(person.shown()).toContain(
    "Label of the GPIO chip; Enter for the Raspberry Pi's own: BCM number that drives BOOT [17]: " +
      "BCM number that drives CHIP_EN [27]: " +
      "BCM number that switches the module's supply; Enter if there is no such switch: " +
      "BCM number that reads SPI_RDY; Enter if it is not connected: ",
  );
});

test("an option that is wrong is told by its name", async () => {
  using questionnaire = new Questionnaire({ name: "a/b" }, typing([]));
  await expect(askRig(questionnaire.ask, FOUND)).rejects.toMatchObject({
    code: "USAGE",
    message: '--name: expected a name on one line, without slashes, got "a/b"',
  });
});

test("without a person: what is missing is told at once, and no port is guessed", async () => {
  const { ask, refuseMissing } = optionsAlone({ driver: "onoff" });
  await askRig(ask, FOUND);
  expect(refuseMissing).toThrow("--name, --port, --boot-bcm, --chip-en-bcm missing");
});
