import { type Chosen, isEdge } from "../run/lanes/choose.js";
import { parts } from "../run/lanes/walk.js";
import type { FarmCase, FarmJob } from "./messages.js";

interface Cut {
  /** So many rigs are there for the walks. */
  readonly rigs: number;
  /** These alone are to be used; empty: whoever can. `has`: as far as it is known. */
  readonly named: readonly Named[];
  /** Without a package there is the synthetic one alone, for simulated modules. */
  readonly synthetic: boolean;
}

interface Named {
  readonly rig: string;
  readonly has?: readonly string[] | undefined;
}

/** Groups of cases as jobs, in their order: each case is one, but what leads from one firmware to another stays a walk, or parts of one. */
export function cut(groups: readonly (readonly Chosen[])[], { rigs, named, synthetic }: Cut): FarmJob[] {
  const given = new Map<string, number>();
  return groups
    .flatMap((group) => [
      ...group.filter((one) => !isEdge(one)).map((one) => [one]),
      ...parts(group.filter(isEdge), Math.max(1, rigs)),
    ])
    .map((cases, id) => {
      const needs = new Set(cases.flatMap(needsOf));
      if (synthetic) needs.add("sim");
      return { id, needs: [...needs].sort(), ...whose(needs, named, given), cases: cases.map(caseOf) };
    });
}

/** Those that can may have it, or all where none can; the one with the fewest jobs gets it first. */
function whose(needs: ReadonlySet<string>, named: readonly Named[], given: Map<string, number>) {
  const able = named.filter(({ has }) => has === undefined || [...needs].every((need) => has.includes(need)));
  const among = (able.length > 0 ? able : named).map(({ rig }) => rig);
  const jobs = (rig: string) => given.get(rig) ?? 0;
  const rig = [...among].sort((a, b) => jobs(a) - jobs(b))[0];
  if (rig === undefined) return {};
  given.set(rig, jobs(rig) + 1);
  return among.length > 1 ? { rig, among } : { rig };
}

const needsOf = ({ needs, firmwares, before, after }: Chosen): string[] => [
  ...needs,
  ...[...firmwares, before, after].flatMap((label) =>
    label === undefined ? [] : [profileNeed(label.split("@")[0] ?? "")],
  ),
];

/** What a rig has that may be given firmware of this profile. */
export const profileNeed = (profile: string): string => `profile:${profile}`;

const caseOf = ({ file: _, ladder: __, ...one }: Chosen): FarmCase => one;
