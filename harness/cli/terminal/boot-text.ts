import type { BootProof } from "../../flash/prove.js";

/** How the boot behind a change went, as the end of the sentence that tells it; `undefined`: none was asked for. */
export function tellBoot(boot: BootProof | undefined): string {
  if (boot === undefined) return "";
  if (!boot.proven) return "; the boot is unproven";
  const version = (boot.banner ?? boot.at)?.version;
  if (version === undefined) return ", and something boots (SPI_RDY)";
  return `, and boots: ${version}${boot.at === undefined ? "" : ", which answers AT"}`;
}
