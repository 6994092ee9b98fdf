import { type Chosen, isEdge } from "../run/lanes/choose.js";
import { parts } from "../run/lanes/walk.js";
import type { FarmCase, FarmJob } from "./messages.js";

interface Cut {
  /** So many rigs are there for the walks. */
  readonly rigs: number;
  /** These alone are to be used, in turn; empty: whoever can. */
  readonly named: readonly string[];
  /** Without a package there is the synthetic one alone, for simulated modules. */
  readonly synthetic: boolean;
}

/** Cases as jobs, in their order: each is one, but what leads from one firmware to another stays a walk, or parts of one. */
export function cut(cases: readonly Chosen[], { rigs, named, synthetic }: Cut): FarmJob[] {
  const alone = cases.filter((one) => !isEdge(one)).map((one) => [one]);
  const walks = parts(cases.filter(isEdge), Math.max(1, rigs));
  return [...alone, ...walks].map((group, id) => {
    const needs = new Set(group.flatMap(needsOf));
    if (synthetic) needs.add("sim");
    const rig = named[id % named.length];
    return { id, needs: [...needs].sort(), ...(rig !== undefined && { rig }), cases: group.map(caseOf) };
  });
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
