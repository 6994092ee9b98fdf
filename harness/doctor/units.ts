import { createHash } from "node:crypto";
import { oneLine } from "../base/clean.js";

/** What systemd is to do with a rig. */
export interface UnitsOf {
  /** Name of the rig. */
  readonly rig: string;
  /** Program and first arguments of every st67-hil command. */
  readonly program: readonly string[];
  /** Arguments that choose the rig. */
  readonly choice: readonly string[];
  /** Arguments of the nightly run, or of the farm's agent, beyond those. */
  readonly run: readonly string[];
  readonly user: string;
  /** Groups that open what the rig uses, beyond the user's own. */
  readonly groups: readonly string[];
  /** Where `out/` is made. */
  readonly folder: string;
  /** When a nightly run starts, hours and minutes as 02:00; or the file that tells a farm's agent its Redis. */
  readonly work: { readonly at: string } | { readonly redisFile: string };
  /** Whether the lines can be made safe by a process that ends: not those of a serial port, nor a person's. */
  readonly safe: boolean;
}

export interface Unit {
  readonly name: string;
  readonly text: string;
}

/** A service that makes the lines safe as the machine starts; and a run every night, or an agent of a farm. */
export function unitsFor(wanted: UnitsOf): Unit[] {
  const { rig, work, safe } = wanted;
  const slug = slugOf(rig);
  const safeName = `st67-hil-safe-${slug}.service`;
  const title = percent(oneLine(rig));
  const after = safe ? [safeName] : [];
  return [
    ...(safe ? [{ name: safeName, text: safeService(wanted, title) }] : []),
    ...("at" in work
      ? [
          { name: `st67-hil-nightly-${slug}.service`, text: nightlyService(wanted, title, after) },
          { name: `st67-hil-nightly-${slug}.timer`, text: nightlyTimer(work.at, title) },
        ]
      : [{ name: `st67-hil-farm-${slug}.service`, text: farmService(wanted, work.redisFile, title, after) }]),
  ];
}

/** A name for a file. Where it is not the rig's own, a hash keeps the units of similar names apart. */
function slugOf(rig: string): string {
  const slug = rig.replace(/[^A-Za-z0-9_.-]+/g, "-");
  return slug === rig ? rig : `${slug}-${createHash("sha256").update(rig).digest("hex").slice(0, 8)}`;
}

const safeService = (wanted: UnitsOf, title: string): string => `[Unit]
Description=Safe state of the lines of the rig ${title}
After=systemd-udevd.service

[Service]
Type=oneshot
RemainAfterExit=yes
${common(wanted)}
ExecStart=${command([...wanted.program, "rig", "safe", ...wanted.choice])}

[Install]
WantedBy=multi-user.target
`;

/** 60 s are enough to stop at a block's end, make the lines safe and write the reports. */
const STOPPING = `# A run that had to be killed leaves its watchdog, which makes the lines safe and ends within seconds.
KillMode=process
TimeoutStopSec=60`;

const nightlyService = (wanted: UnitsOf, title: string, after: readonly string[]): string => `[Unit]
Description=The nightly suite of st67-hil on the rig ${title}
${after.map((name) => `After=${name}\n`).join("")}
[Service]
Type=oneshot
${common(wanted)}
ExecStart=${command([...wanted.program, "run", "--suite", "nightly", "--wait", ...wanted.choice, ...wanted.run])}
${STOPPING}
`;

const nightlyTimer = (at: string, title: string): string => `[Unit]
Description=Every night: the nightly suite of st67-hil on the rig ${title}

[Timer]
OnCalendar=*-*-* ${at}:00
Persistent=true

[Install]
WantedBy=timers.target
`;

/** It waits for Redis by itself; a start that failed, as without that file, is tried again for ever. */
const farmService = (wanted: UnitsOf, redisFile: string, title: string, after: readonly string[]): string => `[Unit]
Description=The agent of st67-hil for the rig ${title}
Wants=network-online.target
After=${["network-online.target", ...after].join(" ")}
StartLimitIntervalSec=0

[Service]
Type=simple
${common(wanted)}
# ST67_HIL_REDIS=.. stands there: a unit can be read by everybody, and a URL may hold a password.
EnvironmentFile=${percent(redisFile)}
ExecStart=${command([...wanted.program, "farm", "work", ...wanted.choice, ...wanted.run])}
Restart=always
RestartSec=10
${STOPPING}

[Install]
WantedBy=multi-user.target
`;

const common = ({ user, groups, folder }: UnitsOf): string =>
  [
    `User=${percent(user)}`,
    ...(groups.length > 0 ? [`SupplementaryGroups=${groups.join(" ")}`] : []),
    `WorkingDirectory=${percent(folder)}`,
  ].join("\n");

/** An argument list as `ExecStart` reads it: quoted where need be, with nothing for systemd to expand. */
const command = (words: readonly string[]): string => words.map(quoted).join(" ");

function quoted(word: string): string {
  const plain = percent(word).replaceAll("$", "$$$$");
  if (/^[A-Za-z0-9_@%$+=:,./-]+$/.test(plain)) return plain;
  return `"${plain.replace(/["\\]/g, "\\$&").replace(/\p{Cc}/gu, unprinted)}"`;
}

/** As systemd unescapes it inside quotes. */
const unprinted = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;

const percent = (text: string): string => text.replaceAll("%", "%%");
