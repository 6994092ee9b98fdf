import { readFileSync } from "node:fs";

interface Vectors {
  readonly framing: readonly { name: string; opcode: string; request: string; response: string | null }[];
  readonly ack_parsing: readonly { name: string; rx: string; result: string | readonly string[] }[];
  readonly boot_info: readonly {
    name: string;
    data: string;
    sign: number;
    sw_usage_0: string;
    flash_pin: string;
    chip_id: string;
    sw_usage_1: string;
  }[];
  readonly sync: readonly { speed: number; count: number }[];
  readonly flash_set_word: readonly { flash_pin: string; flash_clock_delay: number; wire: string }[];
  readonly jedec: readonly { jedec_id: string; size_bytes: number }[];
  readonly partition: { readonly hex: string };
  readonly flash_para_bin: { readonly hex: string };
  readonly error_codes: { readonly device: Readonly<Record<string, string>> };
}

/** Byte vectors of the protocol: made by the vendor's public tools or taken from logs of real modules. */
export const VECTORS = JSON.parse(readFileSync("test/golden/vectors.json", "utf8")) as Vectors;

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

export const toHex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
