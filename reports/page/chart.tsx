import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { Wide } from "./words.js";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** What Plot is told, but for where it draws. */
export type ChartOptions = Plot.PlotOptions;

/**
 * A chart as SVG, drawn without a browser. Its colours are classes of ours (`className` of a mark is not Plot's to give, so a
 * mark is known by its `ariaLabel`); the styles that it brings are taken out, since the page lets none in but its own.
 *
 * @param label what it shows, for whoever sees no picture.
 */
export const Chart = ({ options, label }: { readonly options: ChartOptions; readonly label: string }) => {
  const drawn = Plot.plot({ ...options, document: document as unknown as Document }) as unknown as Drawn;
  const svg = drawn.tagName.toLowerCase() === "svg" ? drawn : drawn.querySelector("svg");
  for (const style of svg?.querySelectorAll("style") ?? []) style.remove();
  for (const styled of svg?.querySelectorAll("[style]") ?? []) styled.removeAttribute("style");
  for (const named of svg?.querySelectorAll("[aria-label]") ?? []) named.removeAttribute("aria-label");
  svg?.setAttribute("role", "img");
  svg?.setAttribute("aria-label", "chart");
  return (
    <Wide label={label}>
      <div class="chart" dangerouslySetInnerHTML={{ __html: svg?.outerHTML ?? "" }} />
    </Wide>
  );
};

/** Of the document that stands in for a browser's. */
interface Drawn {
  readonly tagName: string;
  readonly outerHTML: string;
  querySelector(selector: string): Drawn | null;
  querySelectorAll(selector: string): Iterable<Drawn>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}
