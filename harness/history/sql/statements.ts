/** Every statement of the history. */
export const SQL = {
  deleteRun: "DELETE FROM runs WHERE runId = ?",
  insertRun: `
    INSERT INTO runs (runId, wallTime, harness, seed, folder, exitCode, interrupted, selection, simulated, ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
  insertCase: `
    INSERT INTO cases (run, name, scenario, rig, verdict, flaky, code, blame, message, ms, profile, version, sha256)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
  insertStage: "INSERT INTO stages (ofCase, name, ms, bytes) VALUES (?, ?, ?, ?)",
  insertMeasurement: `
    INSERT INTO measurements (ofCase, name, value, unit, least, most, ok) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  insertFirmware: "INSERT INTO firmwares (sha256, profile, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  insertLabel: "INSERT INTO labels (sha256, label) VALUES (?, ?) ON CONFLICT DO NOTHING",
  insertWear: "INSERT INTO wear (run, chip, first, sectors, erases) VALUES (?, ?, ?, ?, ?)",
  insertRetirement: "INSERT INTO retirements (run, rig, code, message) VALUES (?, ?, ?, ?)",
  insertReadmission: `
    INSERT INTO readmissions (rig, runId, wallTime, firmware) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET wallTime = excluded.wallTime, firmware = excluded.firmware`,
  deleteReadmission: "DELETE FROM readmissions WHERE rig = ? AND runId = ?",
  retirementsOf: `
    SELECT retirements.rig, COUNT(*) AS times FROM retirements JOIN runs ON runs.id = retirements.run
    WHERE runs.runId = ? GROUP BY retirements.rig`,

  /** Newest first. */
  runs: `
    SELECT runs.*, COUNT(cases.id) AS cases, COUNT(cases.flaky) AS flaky,
      SUM(verdict = 'passed') AS passed, SUM(verdict = 'failed') AS failed, SUM(verdict = 'broken') AS broken,
      SUM(verdict = 'skipped') AS skipped, SUM(verdict = 'aborted') AS aborted
    FROM runs LEFT JOIN cases ON cases.run = runs.id
    GROUP BY runs.id ORDER BY wallTime DESC, runs.id DESC LIMIT ?`,
  /** Of the same cases, on simulated modules or on others, before a time; newest first. */
  runsBefore: `
    SELECT runs.*, COUNT(cases.id) AS cases, COUNT(cases.flaky) AS flaky,
      SUM(verdict = 'passed') AS passed, SUM(verdict = 'failed') AS failed, SUM(verdict = 'broken') AS broken,
      SUM(verdict = 'skipped') AS skipped, SUM(verdict = 'aborted') AS aborted
    FROM runs LEFT JOIN cases ON cases.run = runs.id
    WHERE selection = ? AND simulated = ? AND wallTime < ?
    GROUP BY runs.id ORDER BY wallTime DESC, runs.id DESC LIMIT ?`,
  countRuns: "SELECT COUNT(*) AS runs FROM runs",
  runIds: "SELECT runId FROM runs ORDER BY wallTime DESC",
  runById: "SELECT * FROM runs WHERE runId = ?",
  lastGood: `
    SELECT * FROM runs WHERE exitCode = 0 AND selection IN (?, ?) AND simulated = ? ORDER BY wallTime DESC, id DESC LIMIT 1`,
  firmwaresOf: `
    SELECT DISTINCT profile, version FROM cases WHERE run = ? AND profile IS NOT NULL ORDER BY profile, version`,
  casesOf: "SELECT * FROM cases WHERE run = ? ORDER BY id",
  stagesOf: "SELECT name, SUM(ms) AS ms FROM stages WHERE ofCase = ? GROUP BY name",
  /** Of each name and firmware the newest verdict: of a group SQLite gives the row that has the maximum. Newest first. */
  judgements: `
    SELECT name, scenario, profile, version, sha256, verdict, MAX(wallTime) AS wallTime
    FROM cases JOIN runs ON runs.id = cases.run
    WHERE scenario = ? AND simulated = ? AND profile IS NOT NULL AND version IS NOT NULL AND verdict IN ('passed', 'failed')
    GROUP BY name, COALESCE(sha256, version) ORDER BY wallTime DESC`,
  lastJudged: `
    SELECT name, verdict, sha256, MAX(wallTime) AS wallTime FROM cases JOIN runs ON runs.id = cases.run
    WHERE simulated = ? AND verdict IN ('passed', 'failed', 'broken') GROUP BY name`,
  firmwares: "SELECT * FROM firmwares ORDER BY profile, version, sha256",
  labelsOf: "SELECT label FROM labels WHERE sha256 = ? ORDER BY label",

  stageNames: "SELECT DISTINCT name FROM stages ORDER BY name",
  /** What a stage took in cases that passed, from the oldest run to the newest. */
  stageTimes: `
    SELECT runs.runId, runs.wallTime, cases.profile, cases.version, cases.sha256, SUM(stages.ms) AS ms
    FROM stages JOIN cases ON cases.id = stages.ofCase JOIN runs ON runs.id = cases.run
    WHERE stages.name = ? AND cases.verdict = 'passed'
    GROUP BY cases.id ORDER BY runs.wallTime, runs.id, cases.profile, cases.version, cases.sha256`,

  wear: "SELECT chip, first, sectors, SUM(erases) AS erases FROM wear GROUP BY chip, first, sectors",
  /** Retirements that nothing took back, the newest first. */
  retired: `
    SELECT retirements.rig, retirements.code, retirements.message, runs.runId, runs.wallTime
    FROM retirements JOIN runs ON runs.id = retirements.run
    LEFT JOIN readmissions ON readmissions.rig = retirements.rig AND readmissions.runId = runs.runId
    WHERE readmissions.runId IS NULL ORDER BY runs.wallTime DESC, retirements.rowid DESC`,
} as const;
