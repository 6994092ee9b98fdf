import { PLANS, toss } from "./support/campaigns.js";

/** `npm run campaigns [seed]`: what the sequential test risks, and how many cycles it takes. */
const CAMPAIGNS = 1000;

const seed = Number(process.argv[2] ?? 1);
const tossed = PLANS.flatMap((plan) => toss(plan, CAMPAIGNS, seed));
for (const { told, wrong } of tossed)
  for (const line of [told, ...wrong.map((each) => `WRONG ${each}`)]) console.log(line);
process.exit(tossed.some(({ wrong }) => wrong.length > 0) ? 1 : 0);
