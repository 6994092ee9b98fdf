import { z } from "zod";
import type { Line } from "../base/wire.js";

/** The only version there is. A reader refuses a newer one: it would show half of it and call that all. */
export const TRACE_VERSION = 1;

/** Who sent bytes. */
export type End = "host" | "module";

/** What a mark is about; they lie within each other in this order. */
export const MARKS = ["case", "step", "stage"] as const;
export type Mark = (typeof MARKS)[number];

const LINES = ["boot", "chipEn", "power"] as const satisfies readonly Line[];

/** The first line of a trace. */
const Header = z.strictObject({
  type: z.literal("trace"),
  version: z.literal(TRACE_VERSION),
  /** Version of the program that wrote it. */
  harness: z.string(),
  rig: z.string(),
  simulated: z.boolean(),
  /** At which end of the line it was recorded: its times are that end's, and so are the rates. */
  side: z.enum(["host", "module"]),
});
export type TraceHeader = z.infer<typeof Header>;

/** Nanoseconds of the rig's clock, whose start is arbitrary. */
const ns = z.int().min(0);

const Base64 = z.base64().transform((text): Uint8Array => Buffer.from(text, "base64"));

const Record = z.discriminatedUnion("type", [
  /**
   * Of the host: handed to the port then, and on the line from then on. Of the module: read by the host then, so that
   * they had arrived a moment before.
   */
  z.strictObject({ ns, type: z.literal("bytes"), from: z.enum(["host", "module"]), data: Base64 }),
  /** A line had been driven. */
  z.strictObject({ ns, type: z.literal("line"), line: z.enum(LINES), asserted: z.boolean() }),
  /** SPI_RDY was found so: when it was first read, and whenever it had changed. */
  z.strictObject({ ns, type: z.literal("ready"), asserted: z.boolean() }),
  /** The recording end stood at that rate from then on. */
  z.strictObject({ ns, type: z.literal("baud"), baud: z.number().min(0) }),
  /** What failed has no end of its own: it ends where the next of its kind begins, or what it lies in ends. */
  z.strictObject({ ns, type: z.literal("begin"), what: z.enum(MARKS), name: z.string() }),
  z.strictObject({ ns, type: z.literal("end"), what: z.enum(MARKS), name: z.string() }),
  z.strictObject({ ns, type: z.literal("note"), text: z.string() }),
  /** Nothing is missing up to here. A trace without it was cut off. */
  z.strictObject({ ns, type: z.literal("closed") }),
]);
export type TraceRecord = z.infer<typeof Record>;

/** One line of a trace. By hand for bytes, which are nearly all of it. */
export function lineOf(record: TraceRecord | TraceHeader): string {
  if (record.type !== "bytes") return `${JSON.stringify(record)}\n`;
  const { ns, from, data } = record;
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
  return `{"ns":${ns},"type":"bytes","from":"${from}","data":"${base64}"}\n`;
}

/** @returns the header, or what is wrong with it. */
export function headerIn(value: unknown): TraceHeader | string {
  const found = value as { readonly type?: unknown; readonly version?: unknown } | null;
  if (typeof found !== "object" || found?.type !== "trace")
    return 'expected {"type":"trace","version":1,…}: this is no trace';
  const { version } = found;
  if (typeof version === "number" && version > TRACE_VERSION)
    return `expected version ${TRACE_VERSION}, got ${version}: a newer st67-hil wrote it`;
  return checked(Header, value);
}

/** @returns the record, or what is wrong with it. */
export const recordIn = (value: unknown): TraceRecord | string => checked(Record, value);

function checked<T>(schema: z.ZodType<T>, value: unknown): T | string {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  return error.issues.map(({ path, message }) => `${[...path, message].join(": ")}`).join("; ");
}
