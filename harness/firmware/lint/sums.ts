import { basename, resolve } from "node:path";
import { HarnessError } from "../../base/errors.js";
import { decodeText, oddIn } from "../../base/text.js";
import { sha256 } from "../bytes.js";
import type { Finding } from "../finding.js";
import { flawed } from "../flaw.js";
import type { Folder } from "../folder.js";
import { isForeign } from "../names.js";

interface Sum {
  readonly sha256: string;
  readonly name: string;
}

interface Sums {
  readonly sums: readonly Sum[];
  /** Numbers and texts of the lines that are none. */
  readonly others: readonly { readonly line: number; readonly text: string }[];
}

/**
 * Reads a table as `sha256sum` writes it: 64 hex digits, a blank, a blank or `*`, a name. Empty lines and lines that
 * start with `#` are left out; a name that is no text is none of a file.
 *
 * @throws HarnessError FILE_UNREADABLE when no line is a sum.
 */
export function parseSums(bytes: Uint8Array, file: string): Sums {
  const decoded = decodeText(bytes);
  const lines = (decoded.text ?? "")
    .split(/\r?\n/)
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"));
  const read = lines.map(({ line, text }) => {
    const odd = oddIn(text);
    if (odd !== undefined) return { line, text: odd.told, sum: null };
    return { line, text, sum: /^([0-9a-f]{64})\s[ *]?(.+)$/i.exec(text) };
  });
  const sums = read.flatMap(({ sum }) =>
    sum === null ? [] : [{ sha256: (sum[1] ?? "").toLowerCase(), name: sum[2] ?? "" }],
  );
  if (sums.length === 0)
    throw flawed("FILE_UNREADABLE", file, [
      {
        field: "content",
        expected: "lines of a SHA-256 and a name, as sha256sum writes them",
        found: decoded.text === undefined ? decoded.found : "none",
      },
    ]);
  return { sums, others: read.filter(({ sum }) => sum === null).map(({ line, text }) => ({ line, text })) };
}

/**
 * Files against a table of sums. A name is a path from the folder, or a bare name of a file that lies elsewhere.
 *
 * @param file the name of the table.
 * @param paths of the files to compare.
 * @param whole the paths are the whole package: a sum without a file is then an error.
 */
export function lintSums(
  { sums, others }: Sums,
  file: string,
  folder: Folder,
  paths: readonly string[],
  whole: boolean,
): Finding[] {
  const found = sums.map((sum) => ({ ...sum, path: find(sum.name, folder, paths) }));
  const listed = new Set(found.map(({ path }) => path));
  const expected = "a SHA-256 and a name";
  const error = { severity: "error", rule: "sums" } as const;
  const warning = { severity: "warning", rule: "sums" } as const;
  return [
    ...others.map(({ line, text }) => ({ ...error, file, field: `line ${line}`, expected, found: text.slice(0, 60) })),
    ...found.flatMap(({ name, sha256: expected, path }): Finding[] => {
      if (path === undefined && (!whole || isForeign(basename(name)))) return [];
      const sum = path === undefined ? "no such file" : sumOf(folder, path);
      if (sum === expected) return [];
      return [{ ...error, file: path === undefined ? name : folder.nameOf(path), field: FIELD, expected, found: sum }];
    }),
    ...paths
      .filter((path) => !listed.has(path))
      .map((path) => ({
        ...warning,
        file: folder.nameOf(path),
        field: FIELD,
        expected: `a line in ${basename(file)}`,
        found: "none",
      })),
  ];
}

const FIELD = "SHA-256";

const find = (name: string, folder: Folder, paths: readonly string[]): string | undefined =>
  paths.find((path) => path === resolve(folder.dir, name)) ??
  (name.includes("/") ? undefined : paths.find((path) => basename(path) === name));

function sumOf(folder: Folder, path: string): string {
  try {
    return sha256(folder.read(path)).toString("hex");
  } catch (error) {
    if (error instanceof HarnessError) return "a file that cannot be read";
    throw error;
  }
}
