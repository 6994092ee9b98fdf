import { PLANS, toss } from "./support/campaigns.js";
import { changedStages, PLANTED_STAGE, plantedAb } from "./support/planted.js";
import { scratch } from "./support/scratch.js";

/** `npm run campaigns [seed]`: how often our tests are wrong, and what they cost. */
const [CAMPAIGNS, COMPARISONS, CYCLES] = [1000, 200, 30];

const seed = Number(process.argv[2] ?? 1);
const tossed = PLANS.flatMap((plan) => toss(plan, CAMPAIGNS, seed));
for (const { told, wrong } of tossed)
  for (const line of [told, ...wrong.map((each) => `WRONG ${each}`)]) console.log(line);

/** Of so many comparisons of two firmwares, those in which just these stages have changed. */
async function compared(slower: number, stages: string): Promise<number> {
  let count = 0;
  for (let each = 0; each < COMPARISONS; each++) {
    using folder = scratch();
    const result = await plantedAb(seed + each, slower, CYCLES, folder.path);
    if (changedStages(result).join() === stages) count++;
  }
  return count;
}

const found = await compared(0.1, PLANTED_STAGE);
const alarms = COMPARISONS - (await compared(0, ""));
console.log(`ab, ${CYCLES} cycles a side: 10 % in one stage found, there alone, ${found} times of ${COMPARISONS}`);
console.log(`ab, nothing planted: something found ${alarms} times of ${COMPARISONS}`);
const isWrong = found < 0.95 * COMPARISONS || alarms > 0.02 * COMPARISONS;
if (isWrong) console.log("WRONG ab: expected 95 % of what was planted at the least, and 2 % of false alarms at most");
process.exit(isWrong || tossed.some(({ wrong }) => wrong.length > 0) ? 1 : 0);
