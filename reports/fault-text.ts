import type { Row } from "./row.js";

/** Why a case ended as it did, in as many lines as it takes; `undefined`: there is nothing to tell. */
export function faultText({ fault, reason, steps }: Pick<Row, "fault" | "reason" | "steps">): string | undefined {
  const lines = reason === undefined ? [] : [`reason: ${reason}`];
  if (fault !== undefined) {
    lines.push(fault.message, `code: ${fault.code} (blame: ${fault.blame})`, `advice: ${fault.advice}`);
    lines.push(...(fault.diagnosis ?? []));
    if (fault.details && Object.keys(fault.details).length > 0) lines.push(`details: ${JSON.stringify(fault.details)}`);
    if (fault.at !== undefined) lines.push(`at: ${fault.at}`);
    const last = steps.findLast(({ ok }) => ok !== true);
    if (last !== undefined) lines.push(`step: ${last.step}`);
  }
  return lines.length === 0 ? undefined : lines.join("\n");
}
