import { matrixOf } from "../matrix.js";
import type { Row } from "../row.js";
import { type PageRun, placeOf, VERDICTS } from "./run.js";
import { Section, SIGNS, short, time, Wide } from "./words.js";

/** A table of more is read by nobody. */
const MOST_FIRMWARES = 24;

/** From which firmware to which: one cell an edge, and from it to the case that decides it. */
export const Matrix = ({ run }: { readonly run: PageRun }) => {
  const edges = edgesIn(run);
  const { firmwares, cell } = matrixOf([...edges.values()].flat());
  if (firmwares.length < 2) return null;
  const sorted = firmwares.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const shown = sorted.slice(0, MOST_FIRMWARES);
  return (
    <Section id="matrix" title="From firmware to firmware">
      <Wide label="From firmware to firmware">
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">from ↓ to →</th>
              {shown.map((label) => (
                <th scope="col">{short(label, 40)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((before) => (
              <tr>
                <th scope="row">{short(before, 40)}</th>
                {shown.map((after) => {
                  const found = cell(before, after);
                  const all = edges.get(keyOf(before, after)) ?? [];
                  const worst = all.find(({ verdict }) => verdict === found?.verdict);
                  if (found === undefined || worst === undefined)
                    return (
                      <td class="empty">
                        <span class="unseen">no case</span>
                      </td>
                    );
                  const { verdict, count: times, of, code } = found;
                  return (
                    <td class={`${verdict}${isMixed(all) ? " mixed" : ""}`} data-edge={verdict}>
                      <a
                        href={`#${placeOf(worst.index)}`}
                        aria-label={`${short(before, 40)} to ${short(after, 40)}: ${verdict}`}
                      >
                        <span aria-hidden="true">{SIGNS[verdict]}</span> {of > 1 ? `${times}/${of}` : time(worst.ms)}
                        {code !== undefined && <small>{short(code, 30)}</small>}
                      </a>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <p class="legend">
        {VERDICTS.map((verdict) => (
          <span class={`key ${verdict}`}>
            {SIGNS[verdict]} {verdict}
          </span>
        ))}{" "}
        An empty cell was not tried. Of several cases the worst counts.
        {sorted.length > shown.length && ` ${sorted.length - shown.length} more firmwares are not in this picture.`}
      </p>
    </Section>
  );
};

type Edge = Row & { readonly index: number };

const isMixed = (all: readonly Edge[]): boolean => new Set(all.map(({ verdict }) => verdict)).size > 1;

const keyOf = (before: string, after: string): string => JSON.stringify([before, after]);

/** What `matrixOf` looks at, and where each case stands. */
function edgesIn(run: PageRun): Map<string, Edge[]> {
  const edges = new Map<string, Edge[]>();
  let index = -1;
  for (const row of run.rows()) {
    index++;
    const { before, after } = row.properties;
    if (before === undefined || after === undefined) continue;
    const all = edges.get(keyOf(before, after)) ?? [];
    edges.set(keyOf(before, after), all);
    // The entry's verdict is the one that counts.
    all.push({ ...SHELL, ...(run.summary.cases[index] ?? row), properties: { before, after }, index });
  }
  return edges;
}

/** Of a row that may be one of thousands no more is held. */
const SHELL = { measurements: [], stages: [], attachments: [], notes: [], troubles: [], steps: [], attempts: [] };
