import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { PagePast } from "../../../reports/page/past.js";
import type { RunSummary } from "../../../reports/row.js";
import type { Story } from "../../../reports/story.js";
import { exitCodeOf } from "../../../reports/summary.js";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { isSimulated } from "../../../rigs/simulated.js";
import { refuseCollisions } from "../../base/collisions.js";
import { HarnessError } from "../../base/errors.js";
import { bookRun } from "../../history/book.js";
import { compareRuns } from "../../history/comparison.js";
import { History } from "../../history/history.js";
import type { JudgedRun } from "../../history/judged.js";
import { selectionsOf } from "../../history/selection.js";
import { byValue } from "../../history/value.js";
import { WearBudget } from "../../history/wear-budget.js";
import { type Chosen, inWalks } from "../../run/lanes/choose.js";
import { list } from "../options/options.js";
import { HISTORY } from "../options/past.js";
import { findRun, judgedRun } from "../past/find.js";
import { pagePastOf } from "../past/page.js";
import { retiredError } from "../past/retired.js";
import { warn } from "../past/warn.js";
import { comparisonDocument, comparisonText } from "../terminal/comparison-text.js";
import type { Place } from "./outputs.js";
import { namesOf, type Planned } from "./plan.js";

export interface PastArgs {
  readonly history?: string | undefined;
  readonly baseline?: string | undefined;
  readonly junit?: string | undefined;
  readonly firmware?: string | undefined;
  /** As they were named. */
  readonly rig: readonly string[];
  readonly configs: readonly RigConfig[];
  /** Whether all rigs are simulated, where their files are on other machines. Default: by `configs`. */
  readonly simulated?: boolean;
}

/** What is told of a run beside its own results. */
export interface Told {
  /** Goes into the run's document. */
  readonly document: object;
  readonly lines: readonly string[];
}

/**
 * What a run has to do with those before it: it asks them whether its rigs may be used, is compared with one of them, and
 * becomes one itself. Nothing native is loaded before there is a history to be read, or a run to be booked.
 */
export class Past {
  readonly #file: string;
  readonly #args: PastArgs;
  #baseline: JudgedRun | undefined;
  /** What cannot be read at the beginning is told once. */
  #isUnreadable = false;

  private constructor(file: string, args: PastArgs) {
    this.#file = file;
    this.#args = args;
  }

  /**
   * Nothing was touched yet, and nothing will be if this throws.
   *
   * @throws HarnessError RIG_RETIRED; RUN_UNREADABLE for a baseline that there is not; USAGE for a history that is another output, too.
   */
  static async of(args: PastArgs, place: Place, planned: Planned, shard?: RunSummary["shard"]): Promise<Past> {
    const past = new Past(args.history ?? join(dirname(place.folder), "history.sqlite"), args);
    const journal = join(place.folder, "events.jsonl");
    refuseCollisions(
      [
        { name: "--history", path: past.#file },
        { name: "--junit", path: args.junit },
        { name: "the run's journal", path: journal },
      ],
      [],
    );
    await past.refuseRetired();
    await past.#findBaseline(selectionsOf(planned.plan, namesOf(planned), shard));
    return past;
  }

  /** The run that this one is held against. */
  get baseline(): JudgedRun | undefined {
    return this.#baseline;
  }

  /** Once more when the rigs are ours: somebody who was waited for may have retired one. @throws HarnessError RIG_RETIRED. */
  async refuseRetired(): Promise<void> {
    const { configs, rig: named } = this.#args;
    const names = configs.map(({ name }) => name);
    const retired = await this.#ask((history) => history?.retired() ?? []);
    const found = retired?.find(({ rig }) => names.includes(rig));
    if (found === undefined) return;
    const rig = list("rig", named)[names.indexOf(found.rig)] ?? found.rig;
    const isUsual = this.#file === resolve(HISTORY);
    throw retiredError(found, { rig, history: this.#args.history ?? (isUsual ? undefined : this.#file) });
  }

  get #isSimulated(): boolean {
    return this.#args.simulated ?? this.#args.configs.every(isSimulated);
  }

  /** How much each module may still be erased. */
  async wear(): Promise<WearBudget> {
    const real = this.#args.configs.filter((config) => !isSimulated(config));
    const rigs = real.map(({ name, wear, module }) => ({
      name,
      eraseBudget: wear.eraseBudget,
      chipId: module?.chipId,
    }));
    const past = real.length === 0 ? [] : await this.#ask((history) => history?.erases() ?? []);
    return new WearBudget(rigs, past ?? []);
  }

  /**
   * `cases` in groups, what tells most first; of what tells as much, what leads from one firmware to another stays one walk.
   *
   * @param firmwares by label: what is signed of them.
   */
  async byValue(cases: readonly Chosen[], firmwares: Readonly<Record<string, string>>): Promise<Chosen[][]> {
    const simulated = this.#isSimulated;
    const judged = (await this.#ask((history) => history?.lastJudged(simulated))) ?? [];
    const named = cases.map((one) => ({ one, name: one.as, sha256: firmwares[one.firmwares.at(-1) ?? ""] }));
    return byValue(named, judged).map((group) => inWalks([group.map(({ one }) => one)]));
  }

  /** The comparison with the baseline, where one was asked for. */
  async compared(story: Story): Promise<Told> {
    const baseline = this.#baseline;
    if (baseline === undefined) return { document: {}, lines: [] };
    const now = judgedRun(story);
    const comparison =
      (await this.#ask((history) => compareRuns(baseline, now, (...of) => history?.judgements(...of) ?? []))) ??
      compareRuns(baseline, now);
    return { document: { comparison: comparisonDocument(comparison) }, lines: ["", ...comparisonText(comparison)] };
  }

  /** What past runs say beside it, for its page. */
  page(story: Story): Promise<PagePast> {
    return pagePastOf(story, this.#isUnreadable ? undefined : this.#file, this.#baseline);
  }

  /**
   * A run that cannot be booked has been run all the same: that is a warning, and never a verdict.
   *
   * @param exitCode of a run that has ended.
   */
  async book(tell: () => Story, folder: string, exitCode?: number): Promise<void> {
    try {
      const story = tell();
      await bookRun(this.#file, story, { folder, exitCode: exitCode ?? exitCodeOf(story.summary) });
    } catch (error) {
      warn("this run is not in the history", error);
    }
  }

  async #findBaseline(selections: readonly [string, string]): Promise<void> {
    const { baseline } = this.#args;
    if (baseline === undefined) return;
    // A folder needs no history.
    const isFolder = existsSync(join(baseline, "events.jsonl"));
    using history = isFolder ? undefined : await History.in(this.#file);
    this.#baseline = baseline === LAST_GOOD ? history?.lastGood(selections, this.#isSimulated) : undefined;
    if (this.#baseline === undefined && baseline === LAST_GOOD)
      throw new HarnessError(
        "RUN_UNREADABLE",
        `--baseline ${LAST_GOOD}: ${this.#file} has no run of these cases that ended with exit code 0`,
        { advice: "Run them once without --baseline, or name a run that `st67-hil history` shows." },
      );
    this.#baseline ??= findRun(baseline, "--baseline", history, this.#file);
  }

  /** A history that cannot be read says nothing; that is told, and the run goes on. */
  async #ask<T>(ask: (history: History | undefined) => T): Promise<T | undefined> {
    if (this.#isUnreadable) return undefined;
    try {
      using history = await History.in(this.#file);
      return ask(history);
    } catch (error) {
      this.#isUnreadable = true;
      warn("what past runs say of the rigs is unknown", error);
      return undefined;
    }
  }
}

const LAST_GOOD = "last-good";
