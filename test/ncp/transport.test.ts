import { expect, test } from "@jest/globals";
import { unfolded } from "../../harness/base/errors.js";
import { Deadline } from "../../harness/base/time.js";
import { Transport } from "../../harness/ncp/transport.js";
import { encodeSpiFrame } from "../../harness/protocol/spi-frame.js";
import { bytesOf, FarSide } from "./far-side.js";

const open = () => {
  const far = new FarSide();
  const said: string[] = [];
  const transport = new Transport("bench", far, far);
  const deadline = Deadline.in(10_000, "the test", far.clock);
  const send = (payload: string | Uint8Array) =>
    transport.send(bytesOf(payload), deadline, (payload) => said.push(payload.toString()));
  return { far, said, transport, deadline, send };
};

test("both ends speak in one transaction, and none is lost", async () => {
  const { far, said, send } = open();
  far.say("a longer line than the host's\r\n");
  await send("AT\r\n");
  expect(said).toEqual([`${Buffer.from("a longer line than the host's\r\n")}`]);
  expect(far.heard.map(String)).toEqual(["AT\r\n"]);
  expect(far.selected).toBe(false);
});

test("a stalled module is asked by headers alone, and gets the frame once", async () => {
  const { far, send } = open();
  far.stalls = 3;
  await send("AT\r\n");
  expect(far.heard.map(String)).toEqual(["AT\r\n"]);
});

test("one that stalls every second time gets it too", async () => {
  const { far, send } = open();
  far.stalls = (nth) => nth % 2 === 1;
  await send("AT\r\n");
  expect(far.heard.map(String)).toEqual(["AT\r\n"]);
});

test("a module that stalls for ever is NCP_STALLED, within its time", async () => {
  const { far, send } = open();
  far.stalls = Number.POSITIVE_INFINITY;
  await expect(send("AT\r\n")).rejects.toMatchObject({ code: "NCP_STALLED" });
  expect(far.clock.now()).toBeCloseTo(2000, -1);
  expect(far.heard).toEqual([]);
});

test("data goes in frames of 1520 bytes", async () => {
  const { far, send } = open();
  await send(new Uint8Array(4096).fill(7));
  expect(far.heard.map(({ length }) => length)).toEqual([1520, 1520, 1056]);
});

test.each([
  ["0155000000000100", "NCP_OUTDATED", "factory"],
  ["0000000000000000", "SPI_NO_ANSWER", "all bits on MISO are 0"],
  ["ffffffffffffffff", "SPI_NO_ANSWER", "all bits on MISO are 1"],
  ["aa45000000000000", "SPI_FRAME_INVALID", "got aa45000000000000"],
  ["aa55f10500000000", "SPI_FRAME_INVALID", "its header says 1521"],
])("%s in place of a header is %s", async (bytes, code, told) => {
  const { far, transport, deadline } = open();
  far.queue.push(Buffer.from(bytes, "hex"));
  await expect(transport.receive(deadline)).rejects.toMatchObject({ code, message: expect.stringContaining(told) });
  expect(far.selected).toBe(false);
  far.say("ready");
  expect(`${Buffer.from(await transport.receive(deadline))}`).toBe("ready");
});

test.each([
  [false, "NCP_NOT_READY", 2000],
  [true, "NCP_STUCK", 500],
])("SPI_RDY that stays %s is %s", async (stuck, code, ms) => {
  const { far, send } = open();
  far.stuck = stuck;
  await expect(send("AT\r\n")).rejects.toMatchObject({ code });
  expect(far.clock.now()).toBeCloseTo(ms);
  expect(far.selected).toBe(false);
});

test("frames of other types and glitches of SPI_RDY pass, but not without end", async () => {
  const { far, transport, deadline } = open();
  far.say("a packet of Wi-Fi", 0, 1);
  far.queue.push(encodeSpiFrame(0, new Uint8Array()));
  far.say("OK\r\n");
  expect(`${Buffer.from(await transport.receive(deadline))}`).toBe("OK\r\n");
  far.queue.push(...Array.from({ length: 5000 }, () => encodeSpiFrame(0, new Uint8Array())));
  await expect(transport.receive(deadline)).rejects.toMatchObject({ code: "NCP_STUCK" });
});

test("CS is low again when the work is called off, or the port fails both ways", async () => {
  const { far, transport } = open();
  const stop = new AbortController();
  const deadline = Deadline.in(10_000, "the test", far.clock, stop.signal);
  far.stuck = false;
  void far.clock.sleep(50).then(() => stop.abort("enough"));
  await expect(transport.send(Buffer.from("AT"), deadline, () => undefined)).rejects.toBe("enough");
  expect(far.selected).toBe(false);
  expect(far.clock.sleeping).toBe(0);
  far.stuck = undefined;
  far.transfer = () => Promise.reject(new Error("EIO"));
  const select = far.select.bind(far);
  far.select = async (selected) => {
    await select(selected);
    if (!selected) throw new Error("CS stays");
  };
  const failed = await transport
    .send(Buffer.from("AT"), Deadline.in(10_000, "the test", far.clock), () => undefined)
    .catch(unfolded);
  expect(String(failed)).toBe("Error: EIO,Error: CS stays");
});
