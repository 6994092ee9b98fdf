import { expect, test } from "@jest/globals";
import { HarnessError } from "../../../harness/base/errors.js";
import { Deadline } from "../../../harness/base/time.js";
import { openSerial } from "../../../rigs/serial/serial.js";
import { mockPort, settle } from "./mock-port.js";

const bytes = (hex: string) => Buffer.from(hex, "hex");
const fails = (message: string) => async () => {
  throw new Error(message);
};

test("the port is opened for us alone, at the rate, and its lines stay where the system puts them", async () => {
  const port = mockPort();
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  expect(port.opened).toEqual([{ path: port.path, baudRate: 500_000, autoOpen: false, lock: true, hupcl: false }]);
  expect(wire.baud).toBe(500_000);
  expect(port.calls).toEqual([`set {"brk":false,"cts":false,"dtr":true,"rts":true,"lowLatency":true}`]);
});

test("a UART that opens at another rate is refused and closed again", async () => {
  const port = mockPort({ quirks: { getBaudRate: async () => ({ baudRate: 115_200 }) } });
  await expect(openSerial(port.settings, port.soon, port.makePort)).rejects.toMatchObject({
    code: "RATE_REFUSED",
    details: { path: port.path, asked: 500_000, given: 115_200 },
  });
  expect(port.calls.at(-1)).toBe("close");
});

test("a port that is in use", async () => {
  const port = mockPort();
  await using _ = await openSerial(port.settings, port.soon, port.makePort);
  await expect(openSerial(port.settings, port.soon, port.makePort)).rejects.toMatchObject({
    code: "PORT_UNAVAILABLE",
    message: `${port.path}: the port cannot be opened: in use by another program`,
  });
});

test("an opening that comes too late is undone", async () => {
  const port = mockPort();
  const late: typeof port.makePort = (options) => {
    const made = port.makePort(options);
    const open = made.open.bind(made);
    made.open = (done) => void port.clock.sleep(200).then(() => open(done));
    return made;
  };
  const opening = openSerial(port.settings, port.soon.within(100, "opening the port"), late);
  await expect(opening).rejects.toMatchObject({ message: "opening the port took longer than 100 ms" });
  await port.clock.sleep(200);
  await settle();
  expect(port.calls).toEqual(["close"]);
});

test.each([["Inappropriate ioctl for device"], ["Invalid argument"], ["Operation not supported"]])(
  "a port without modem lines will do, as long as nobody asks for them: %s",
  async (why) => {
    const port = mockPort({ quirks: { set: fails(`Error: ${why}, cannot set`) } });
    await using wire = await openSerial(port.settings, port.soon, port.makePort);
    await wire.write(bytes("55"), port.soon);
    expect(port.received()).toBe("55");
    await expect(wire.setFlags({ dtr: true, rts: false }, port.soon)).rejects.toMatchObject({
      code: "LINES_NOT_DRIVEN",
      message: `${port.path}: this port cannot set DTR and RTS: Error: ${why}, cannot set`,
    });
  },
);

test("modem lines that fail for another reason are a lost port", async () => {
  const port = mockPort({ quirks: { set: fails("Error: Input/output error, cannot set") } });
  await expect(openSerial(port.settings, port.soon, port.makePort)).rejects.toMatchObject({ code: "PORT_LOST" });
});

test("a rig that is called off before the port opens leaves it alone", async () => {
  const port = mockPort();
  const reason = new HarnessError("ABORTED", "stopped");
  const late = Deadline.in(1, "x", port.clock, AbortSignal.abort(reason));
  await expect(openSerial(port.settings, late, port.makePort)).rejects.toBe(reason);
  expect(port.opened).toEqual([]);
});
