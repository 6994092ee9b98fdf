/** "ST67": a database of somebody else's is told from ours by it. */
export const APPLICATION_ID = 0x53_54_36_37;

/**
 * What makes a history of the version before into one of the next; the first makes it out of nothing. One that was
 * released is never changed: a new one is put behind it.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    runId TEXT NOT NULL UNIQUE,
    -- When it started: ISO 8601 with Z.
    wallTime TEXT NOT NULL,
    harness TEXT NOT NULL,
    seed REAL NOT NULL,
    -- As it was given.
    folder TEXT NOT NULL,
    exitCode INTEGER NOT NULL,
    interrupted INTEGER NOT NULL,
    -- Runs of one selection can be compared.
    selection TEXT NOT NULL,
    -- Every rig of it was simulated.
    simulated INTEGER NOT NULL,
    ms REAL NOT NULL
  ) STRICT;
  CREATE INDEX runsByTime ON runs (wallTime);

  -- By the SHA-256 of its signed body: a renamed image is the same firmware.
  CREATE TABLE firmwares (
    sha256 TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    version TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE labels (
    sha256 TEXT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (sha256, label)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE cases (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    name TEXT NOT NULL,
    scenario TEXT NOT NULL,
    rig TEXT NOT NULL,
    verdict TEXT NOT NULL,
    flaky TEXT,
    code TEXT,
    blame TEXT,
    message TEXT,
    ms REAL NOT NULL,
    -- The firmware that the case proves, as the case called it.
    profile TEXT,
    version TEXT,
    sha256 TEXT
  ) STRICT;
  CREATE INDEX casesByRun ON cases (run);
  CREATE INDEX casesByScenario ON cases (scenario, name);

  CREATE TABLE stages (
    ofCase INTEGER NOT NULL REFERENCES cases ON DELETE CASCADE,
    name TEXT NOT NULL,
    ms REAL NOT NULL,
    bytes INTEGER
  ) STRICT;
  CREATE INDEX stagesByCase ON stages (ofCase);
  CREATE INDEX stagesByName ON stages (name);

  CREATE TABLE measurements (
    ofCase INTEGER NOT NULL REFERENCES cases ON DELETE CASCADE,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    unit TEXT NOT NULL,
    least REAL,
    most REAL,
    ok INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX measurementsByCase ON measurements (ofCase);

  -- How often a run erased each of some sectors in a row; no number of sectors: the whole chip.
  CREATE TABLE wear (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    chip TEXT NOT NULL,
    first INTEGER NOT NULL,
    sectors INTEGER,
    erases INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX wearByRun ON wear (run);

  CREATE TABLE retirements (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    rig TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL
  ) STRICT;
  CREATE INDEX retirementsByRun ON retirements (run);
  CREATE INDEX retirementsByRig ON retirements (rig);
  -- What took a retirement back. No journal tells it, so it belongs to the run's id: a run that is booked anew keeps it.
  CREATE TABLE readmissions (
    rig TEXT NOT NULL,
    runId TEXT NOT NULL,
    wallTime TEXT NOT NULL,
    firmware TEXT NOT NULL,
    PRIMARY KEY (rig, runId)
  ) STRICT, WITHOUT ROWID;
  `,
];
