import { encodePartitionTable, ST_TABLE } from "../../../harness/firmware/partition.js";
import { syntheticBoot2, syntheticFirmware } from "../../../harness/firmware/synthetic.js";
import { frame, Host, words } from "../host.js";

export const FW = 0x10000;
export const FW_B = 0x1c4000;
export const TABLE_A = 0xe000;
export const TABLE_B = 0xf000;
export const IMAGE_BYTES = 32 * 1024;

export type Profile = "t01" | "t02" | "mfg";
export const firmware = (profile: Profile = "t01", version = "2.0.106", seed = 0) =>
  syntheticFirmware({ profile, version, bytes: IMAGE_BYTES, seed });

export type Part = readonly [address: number, bytes: Uint8Array];

/** Boot2, the partition table and `image` in the first slot. */
export const whole = (image: Uint8Array): Part[] => [
  [0, syntheticBoot2()],
  [TABLE_A, encodePartitionTable(ST_TABLE)],
  [FW, image],
];

/** Programmed by a host, byte for byte over the wire; still in that session, at 2 MBd. */
export async function programmed(parts: readonly Part[], options: object = {}): Promise<Host> {
  const host = await Host.inSession({ contents: "blank", ...options });
  await host.expect("222b08000100000080841e00", "4f4b");
  await host.wire.setBaud(2_000_000, host.deadline());
  for (const [address, bytes] of parts) await write(host, address, bytes);
  return host;
}

export async function write(host: Host, address: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += 2048) {
    await host.send(frame(0x31, Buffer.concat([words(address + at), bytes.subarray(at, at + 2048)])));
    await host.wire.read(host.deadline());
  }
}

/** Reset by the strap, and greeted at 500 kBd. */
export async function greeted(host: Host): Promise<Host> {
  await host.strap(true);
  await host.wire.setBaud(500_000, host.deadline());
  const heard = await host.sync();
  if (heard !== "4f4b") throw new Error(`expected an OK, heard ${heard}`);
  return host;
}
