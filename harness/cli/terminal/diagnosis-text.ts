import { oneLine } from "../../base/clean.js";
import type { Diagnosis } from "../../diagnose/diagnose.js";
import type { Timed } from "../../diagnose/timing.js";
import { table } from "./table.js";

const HANDSHAKES = {
  none: "not in the log",
  silent: "not a byte came",
  foreign: "foreign bytes came, and no OK",
  answered: "answered",
} as const satisfies Record<Diagnosis["handshake"], string>;

/**
 * A diagnosis as a person reads it: what it is, why, what to do, and how long things took.
 *
 * @param place what is counted: lines of a log, exchanges of a trace.
 */
export function diagnosisLines(diagnosis: Diagnosis, place: "line" | "exchange"): string[] {
  const { verdict, stage, because, handshake, lastBytes, causes, next, stages, notes } = diagnosis;
  const lines = [`${verdict.padEnd(8)}  ${because}`, `stage     ${stage}`, `handshake ${HANDSHAKES[handshake]}`];
  if (lastBytes !== undefined) lines.push(`last      ${lastBytes.meaning} (${place} ${lastBytes.line})`);
  lines.push(`next      ${next}`);
  for (const [at, { code, likelihood, evidence, line, advice }] of causes.entries()) {
    lines.push("", `${at + 1}. ${code} (${likelihood})`, `   ${place} ${line}: ${evidence}`);
    if (advice !== next) lines.push(`   ${advice}`);
  }
  if (stages.length > 0) lines.push("", ...table([["STAGE", "TOOK", "USUAL"], ...stages.map(timeRow)]));
  if (notes.length > 0) lines.push("", ...notes.map((note) => `note: ${note}`));
  return lines.map(oneLine);
}

const timeRow = ({ stage, ms, usualMs, slow }: Timed): string[] => [
  stage,
  `${Math.round(ms * 10) / 10} ms`,
  usualMs === undefined ? "" : `${usualMs[0]} to ${usualMs[1]} ms${slow ? ", slow" : ""}`,
];
