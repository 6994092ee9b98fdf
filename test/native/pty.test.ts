import { closeSync, existsSync, openSync, readSync, writeSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { SerialPort } from "serialport";
import { clientBaud, openPty } from "../../harness/native/pty.js";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, value) => value);

test("raw from the first byte on: every value passes, both ways, and nothing is echoed", () => {
  const { master, slave, path } = openPty();
  const client = openSync(path, "r+");
  const heard = new Uint8Array(512);
  writeSync(client, EVERY_BYTE);
  expect(readSync(master, heard)).toBe(256);
  expect(heard.subarray(0, 256)).toEqual(EVERY_BYTE);
  writeSync(master, EVERY_BYTE);
  expect(readSync(client, heard)).toBe(256);
  expect(heard.subarray(0, 256)).toEqual(EVERY_BYTE);
  expect(() => readSync(master, heard)).toThrow(/EAGAIN/);
  for (const file of [client, slave, master]) closeSync(file);
});

test("a client that leaves does not disturb the master; a full buffer does not block it", () => {
  const { master, slave, path } = openPty();
  closeSync(openSync(path, "r+"));
  expect(() => readSync(master, new Uint8Array(1))).toThrow(/EAGAIN/);
  const fill = () => {
    for (;;) writeSync(master, new Uint8Array(1000));
  };
  expect(fill).toThrow(/EAGAIN/);
  closeSync(slave);
  closeSync(master);
  expect(existsSync(path)).toBe(false);
});

test("the master sees the rate that the client has set, standard or not", async () => {
  const { master, slave, path } = openPty();
  expect(clientBaud(master)).toBe(38_400);
  const port = new SerialPort({ path, baudRate: 2_000_000, autoOpen: false });
  const done = (ask: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => ask((error) => (error ? reject(error) : resolve())));
  await done((next) => port.open(next));
  expect(clientBaud(master)).toBe(2_000_000);
  for (const baudRate of [115_200, 1_234_567]) {
    await done((next) => port.update({ baudRate }, next));
    expect(clientBaud(master)).toBe(baudRate);
  }
  await done((next) => port.close(next));
  expect(clientBaud(master)).toBe(1_234_567);
  closeSync(slave);
  closeSync(master);
});

test("a descriptor that is no terminal is told", () => {
  const file = openSync("/dev/null", "r");
  expect(() => clientBaud(file)).toThrow(expect.objectContaining({ code: "DRIVER_MISSING" }));
  closeSync(file);
});
