import type { Evidence, Fact } from "./evidence.js";
import { type Piece, piecesOf } from "./lines.js";
import { WORDINGS, type Wording } from "./wordings.js";

const BARE = WORDINGS.filter(({ bare }) => bare);
const STAMPED = WORDINGS.filter(({ bare }) => !bare);

/**
 * What a log of the vendor's tool states, line by line. Where the tool's times are in it, only what bears one is the tool's:
 * a shell's echo of `[All Success]`, or another program's, is not.
 */
export function evidenceOfLog(text: string): Evidence[] {
  const found = [...piecesOf(text)].flatMap((piece) => stated(piece) ?? []);
  const isStamped = found.some(({ atMs }) => atMs !== undefined);
  return found.filter(({ atMs, bare }) => !isStamped || bare || atMs !== undefined).map(({ bare: _, ...rest }) => rest);
}

function stated(piece: Piece): (Evidence & { readonly bare: boolean }) | undefined {
  const fact = factIn(piece, STAMPED);
  const bare = fact === undefined ? factIn(piece, BARE) : undefined;
  const found = fact ?? bare;
  const { line, quote, atMs } = piece;
  return found && { ...found, line, quote, atMs, bare: bare !== undefined };
}

function factIn({ text }: Piece, wordings: readonly Wording[]): Fact | undefined {
  for (const { says, fact } of wordings) {
    const match = says.exec(text);
    if (match !== null) return asked(fact(match.slice(1)), text);
  }
  return undefined;
}

/** Options may stand in any order. */
function asked(fact: Fact, text: string): Fact {
  if (fact.type !== "asked") return fact;
  const config = /--config[= ]['"]?([^\s'"]+)/.exec(text)?.[1];
  return { ...fact, config, efuse: /--efuse[= ]/.test(text) };
}
