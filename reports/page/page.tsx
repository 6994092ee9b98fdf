import { createHash } from "node:crypto";
import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Story } from "../story.js";
import { About } from "./about.js";
import { allCases } from "./cases.js";
import { Changes } from "./changes.js";
import { Clouds } from "./clouds.js";
import { Failures } from "./failures.js";
import type { PageFiles } from "./files.js";
import { Matrix } from "./matrix.js";
import type { PagePast } from "./past.js";
import { Reliability } from "./reliability.js";
import { MARKS, pageRunOf } from "./run.js";
import { SCRIPT } from "./script.js";
import { StageTimesOfRun } from "./stages.js";
import { Marked, NotRun } from "./states.js";
import { Straps } from "./straps.js";
import { Stress, TwoFirmwares } from "./stress.js";
import { STYLE } from "./style.js";
import { Trend } from "./trend.js";
import { Verdict, verdictWord } from "./verdict.js";
import { Section, short } from "./words.js";

/**
 * A run as one page that opens from disk and asks nobody for anything: pieces of markup that come one after the other. What
 * is read first stands first: the verdict, what clouds it, what changed, what went wrong.
 */
export function* renderPage(story: Story, files?: PageFiles, past?: PagePast): Generator<string> {
  const run = pageRunOf(story, files, past);
  const { summary } = run;
  const sections = [
    <Clouds run={run} />,
    <Changes run={run} />,
    <Failures run={run} />,
    <NotRun run={run} />,
    ...MARKS.map((mark) => <Marked run={run} mark={mark} />),
    <Stress run={run} />,
    <TwoFirmwares run={run} />,
    <Matrix run={run} />,
    <Straps run={run} />,
    <Reliability run={run} />,
    <StageTimesOfRun run={run} />,
    <Trend run={run} />,
  ].map((section) => renderToString(section));
  yield head(`${verdictWord(summary)}: ${short(summary.runId, 80)}`);
  yield renderToString(<Verdict run={run} />);
  yield renderToString(<Contents sections={sections} />);
  yield '<main id="main">';
  yield* sections;
  yield renderToString(<CasesHead />);
  yield* allCases(run);
  yield renderToString(<About run={run} />);
  yield "</main>";
  yield renderToString(
    <footer>
      Rendered from events.jsonl, as junit.xml is: all times are the rig’s own. <code>st67-hil report</code> writes it
      again.
    </footer>,
  );
  yield `<script>${SCRIPT}</script></body></html>\n`;
}

/** Nothing is let in from anywhere, and of style and script only what stands here, by its hash. */
function head(title: string): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(SCRIPT)}`,
    `style-src ${hash(STYLE)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const rest = renderToString(
    (
      <>
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href="data:," />
        <title>{title}</title>
      </>
    ) as VNode,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">${rest}<style>${STYLE}</style></head><body><a class="skip" href="#main">to the content</a>`;
}

const TITLE = /<section id="([a-z-]+)"[^>]*><h2[^>]*>([^<]*)</;

const Contents = ({ sections }: { readonly sections: readonly string[] }) => {
  const found = sections.flatMap((section) => {
    const [, id, title] = TITLE.exec(section) ?? [];
    return id === undefined || title === undefined ? [] : [{ id, title }];
  });
  return (
    <nav aria-label="Contents">
      <ul>
        {[...found, { id: "cases", title: "All cases" }, { id: "about", title: "With what" }].map(({ id, title }) => (
          <li>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
};

const CasesHead = () => (
  <Section id="cases" title="All cases">
    <input
      class="filter"
      id="find"
      type="search"
      hidden
      placeholder="find: failed t01@2.0.106"
      aria-label="Find cases"
    />
    <p class="over" id="found" aria-live="polite" />
  </Section>
);
