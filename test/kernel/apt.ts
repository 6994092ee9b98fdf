import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";
import { run } from "./shell.js";

/** What Debian signs its suites with. */
const KEYRINGS = ["pgp", "gpg"].map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`);

/** An apt of our own beside the machine's: its own sources, lists and cache, and nothing installed. */
export interface PrivateApt {
  /** `apt-get` or `apt-cache` with these arguments. @returns its standard output. */
  ask(program: "apt-get" | "apt-cache", args: readonly string[]): Promise<string>;
  /** Fetches packages, and installs none. @returns their files. */
  download(names: readonly string[]): Promise<string[]>;
}

/**
 * An apt that sees one suite of the machine's own Debian mirror, which the machine itself need not use.
 *
 * @throws HarnessError DRIVER_MISSING when no mirror of this machine has that suite.
 */
export async function openApt(folder: string, suite: string): Promise<PrivateApt> {
  for (const part of ["lists/partial", "cache/archives/partial", "parts", "packages"]) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  const apt = aptIn(folder);
  const keyring = KEYRINGS.find((path) => existsSync(path));
  const options = keyring === undefined ? "" : `[signed-by=${keyring}] `;
  const mirrors = await mirrorsOfMachine();
  const failures: string[] = [];
  for (const mirror of mirrors) {
    writeFileSync(join(folder, "sources.list"), `deb ${options}${mirror} ${suite} main\n`);
    try {
      await apt.ask("apt-get", ["update", "--error-on=any"]);
      return apt;
    } catch (error) {
      failures.push(String(error));
    }
  }
  const sources = mirrors.length === 0 ? "no Debian mirror among apt's sources" : failures.join("\n");
  throw new HarnessError("DRIVER_MISSING", `${suite}: ${sources}`, {
    advice: "Check the network, and that apt's sources name a Debian mirror.",
  });
}

/** Where apt fetches from, as it says itself; Debian's own suites first. The lists need not have been fetched. */
async function mirrorsOfMachine(): Promise<string[]> {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "sid";
  const uris = await run("apt-get", ["update", "--print-uris"]);
  const found = [...uris.matchAll(/^'(\S+?)\/dists\/([^/\s]+)\/InRelease'/gm)];
  const first = found.filter(([, , suite]) => suite === codename);
  const main = [...first, ...found].filter(([, , suite]) => !suite?.endsWith("-security"));
  return [...new Set(main.map(([, mirror]) => String(mirror)))];
}

function aptIn(folder: string): PrivateApt {
  const settings = {
    "Dir::State": folder,
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
    "Dir::Etc::sourcelist": join(folder, "sources.list"),
    "Dir::Etc::sourceparts": join(folder, "parts"),
    "Dir::Etc::preferencesparts": join(folder, "parts"),
    "Acquire::Languages": "none",
    "APT::Architecture": "amd64",
    "APT::Sandbox::User": "root",
  };
  writeFileSync(join(folder, "status"), "");
  const options = Object.entries(settings).map(([name, value]) => `-o${name}=${value}`);
  const packages = join(folder, "packages");
  return {
    ask: (program, args) => run(program, ["-q", ...options, ...args]),
    download: async (names) => {
      await run("apt-get", ["-q", ...options, "download", ...names], { cwd: packages });
      return readdirSync(packages).map((name) => join(packages, name));
    },
  };
}
