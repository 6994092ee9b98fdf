import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Fact } from "../../harness/base/events.js";
import { longNight } from "../bench/long-night.js";
import { anyText, EVERY_VERDICT, eventsOf, fault, STARTED } from "../reports/support.js";
import { scratch } from "../support/scratch.js";
import { commandOf, nightIn } from "./runs.js";

/** `npm run test:page`: the page of runs in Debian's chromium. What is wrong is told, and the exit code is 1. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const AXE = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1100, height: 900 };
/** Of those asked for; each of them is in a name, a message, a log and an attachment. */
const TEXTS = 10_000;
const TEXTS_A_PAGE = 1000;

const wrong: string[] = [];
const check = (is: boolean, what: string): void => {
  if (!is) wrong.push(what);
  console.log(`${is ? "ok   " : "WRONG"} ${what}`);
};

/** A page that was opened from disk, and what it said and asked for meanwhile. */
async function opened(
  browser: Browser,
  file: string,
  work: (page: Page) => Promise<void>,
  scheme?: "dark",
): Promise<void> {
  const context = await browser.newContext({ viewport: DESK, colorScheme: scheme ?? "light", reducedMotion: "reduce" });
  const page = await context.newPage();
  const said: string[] = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("dialog", (dialog) => said.push(`dialog ${dialog.message()}`));
  const url = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url && !request.url().startsWith("data:"))
      said.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  await work(page);
  check(said.length === 0, `${file}: no error, no request${said.length > 0 ? `: ${said.slice(0, 5).join("; ")}` : ""}`);
  await context.close();
}

/** axe by the debugger, which no policy of a page keeps out; its own rules of WCAG 2 A and AA. */
async function accessible(page: Page, what: string): Promise<void> {
  const found =
    await page.evaluate(`(async () => { ${AXE}; const { violations } = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] });
    return violations.map(({ id, nodes }) => id + " x" + nodes.length + ": " + nodes[0].html.slice(0, 160) + " " + (nodes[0].any[0]?.message ?? "")); })()`);
  const list = found as string[];
  check(list.length === 0, `${what}: WCAG AA${list.map((each) => `\n        ${each}`).join("")}`);
}

const widthOf = (page: Page) => page.evaluate("document.documentElement.scrollWidth") as Promise<number>;

/** Tab goes through all that can be worked with, each once. */
async function reachable(page: Page, what: string): Promise<void> {
  await page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)");
  const all = (await page.evaluate(`[...document.querySelectorAll("a[href],button,input,summary,[tabindex]")]
    .filter((e) => e.checkVisibility({ contentVisibilityAuto: false })).length`)) as number;
  await page.evaluate("window.reached = new Set(); addEventListener('focusin', (e) => reached.add(e.target))");
  for (let presses = 0; presses < all + 5; presses++) await page.keyboard.press("Tab");
  const reached = (await page.evaluate("reached.size")) as number;
  check(reached >= all, `${what}: the keyboard reaches ${reached} of ${all}`);
}

async function sections(page: Page, wanted: readonly string[], what: string): Promise<void> {
  const found = (await page.evaluate("[...document.querySelectorAll('section[id]')].map((e) => e.id)")) as string[];
  const missing = wanted.filter((id) => !found.includes(id));
  check(missing.length === 0, `${what}: its sections${missing.length > 0 ? `; missing: ${missing.join(", ")}` : ""}`);
}

const textOf = async (page: Page, selector: string) => (await page.textContent(selector)) ?? "";

async function looksRight(browser: Browser, file: string, wanted: readonly string[], word: string): Promise<void> {
  await opened(browser, file, async (page) => {
    check((await textOf(page, "h1")) === word, `${file}: ${word}`);
    await sections(page, wanted, file);
    await accessible(page, file);
    await page.evaluate("for (const each of [...document.querySelectorAll('details')].slice(0, 40)) each.open = true");
    await accessible(page, `${file}, unfolded`);
    await reachable(page, file);
    await page.setViewportSize(PHONE);
    const width = await widthOf(page);
    check(width <= PHONE.width, `${file}: ${width} px on a phone of ${PHONE.width}`);
  });
  await opened(browser, file, async (page) => accessible(page, `${file}, dark`), "dark");
}

/** A link of the matrix leads to its case, which opens; its waves are zoomed by keys. */
async function works(browser: Browser, file: string): Promise<void> {
  await opened(browser, file, async (page) => {
    await page.locator("#matrix td[data-edge] a").first().click();
    const target = page.locator("details.case[open]");
    check((await target.count()) === 1, `${file}: one click leads from an edge to its case`);
    const plot = target.locator("svg.plot");
    const span = async () => Number((await plot.getAttribute("viewBox"))?.split(" ")[2]);
    const whole = await span();
    await target.locator("figure.waves").focus();
    for (let presses = 0; presses < 12; presses++) await page.keyboard.press("+");
    const near = await span();
    check(near < 20_000 && whole > 5_000_000, `${file}: waves from ${whole / 1e6} s to ${near / 1e3} ms by keys`);
    await page.keyboard.press("0");
    check((await span()) === whole, `${file}: and back`);
  });
}

const MARKUP = [
  "<x-injected>",
  '"><x-injected onload=injected()>',
  "'><img src=x onerror=injected()>",
  "</script><script>injected()</script>",
  "</title></style><x-injected>",
  "</pre></details><svg onload=injected()>",
  "<!--",
  "javascript:injected()",
  "\u001b]0;</pre><x-injected>",
];

function* scenes(texts: readonly string[]): Generator<Fact> {
  for (const [index, text] of texts.entries()) {
    const at = { case: `${index}${text}`, scenario: text, rig: text };
    yield {
      type: "case.started",
      ...at,
      properties: { before: text.slice(0, 3), after: text.slice(0, 4), [text]: text },
    };
    yield { type: "stage", case: at.case, stage: text, ms: index };
    yield { type: "note", case: at.case, message: text };
    yield { type: "output", case: at.case, text };
    yield { type: "attachment", case: at.case, name: text, file: text };
    yield {
      type: "case.ended",
      ...at,
      verdict: "failed",
      fault: { ...fault(text), diagnosis: [text], details: { [text]: text } },
    };
  }
}

async function injectsNothing(browser: Browser): Promise<void> {
  const random = fc.sample(anyText, { numRuns: TEXTS, seed: 67 });
  const all = random.map((text, index) => (index % 3 === 0 ? `${MARKUP[index % MARKUP.length]}${text}` : text));
  for (let first = 0; first < all.length; first += TEXTS_A_PAGE) {
    using folder = scratch();
    const events = eventsOf([STARTED, ...scenes(all.slice(first, first + TEXTS_A_PAGE))]);
    writeFileSync(folder.file("events.jsonl"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    commandOf(["report", folder.path]);
    await opened(browser, folder.file("report.html"), async (page) => {
      const found = (await page.evaluate(`[...document.querySelectorAll("x-injected,img,iframe,object,form")].length +
        document.scripts.length - 1 + [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some(({ name, value }) =>
          name.startsWith("on") || (name === "href" && !/^(#[a-z0-9-]+|[.][/][^:]*|data:,)$/.test(value)))).length`)) as number;
      check(found === 0, `texts ${first + 1} to ${first + TEXTS_A_PAGE}: ${found} injected`);
    });
  }
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
try {
  using folder = scratch();
  const { good, bad, stress, cut } = nightIn(folder.path);
  const ALWAYS = ["changes", "cases", "about"];
  await looksRight(browser, good, [...ALWAYS, "matrix", "reliability", "stages"], "Accept");
  await looksRight(browser, bad, [...ALWAYS, "failures", "matrix", "reliability", "stages", "trend"], "Reject");
  await looksRight(browser, stress, [...ALWAYS, "stress", "stages"], "Accept");
  await looksRight(browser, cut, [...ALWAYS, "clouds", "not-run"], "Could not judge");
  await works(browser, bad);
  const every = folder.file("every");
  commandOf(["report", runOf(every, EVERY_VERDICT)]);
  await looksRight(browser, `${every}/report.html`, [...ALWAYS, "clouds", "failures", "not-run", "flaky"], "Reject");
  const long = folder.file("long");
  commandOf(["report", runOf(long, [...longNight(2000)])]);
  const mb = statSync(`${long}/report.html`).size / 1e6;
  check(mb < 20, `2000 cases: ${mb.toFixed(1)} MB`);
  await opened(browser, `${long}/report.html`, async (page) => {
    await page.fill("#find", "#1999");
    check((await page.locator(".case:visible").count()) === 1, "one of 2000 cases is found by its name");
  });
  await injectsNothing(browser);
} finally {
  await browser.close();
}
if (wrong.length > 0) {
  console.log(`\n${wrong.length} wrong:\n${wrong.join("\n")}`);
  process.exitCode = 1;
}

function runOf(folder: string, events: Iterable<unknown>): string {
  mkdirSync(folder);
  writeFileSync(`${folder}/events.jsonl`, Array.from(events, (event) => `${JSON.stringify(event)}\n`).join(""));
  return folder;
}
