import type { Diagnosis } from "./diagnose.js";

/** At most three lines, for the end of an error: where it ended and why, the likeliest causes, what to do. */
export function inThreeLines({ verdict, stage, because, causes, next }: Diagnosis): string[] {
  const told = causes.slice(0, 3).map(({ code, likelihood }) => `${code} (${likelihood})`);
  return [
    `diagnosis: ${verdict}${stage === "none" ? "" : `, at ${stage}`}: ${because}`,
    ...(told.length > 0 ? [`causes in order: ${told.join(", ")}`] : []),
    `next: ${next}`,
  ].map((line) => line.replace(/\s+/g, " "));
}
