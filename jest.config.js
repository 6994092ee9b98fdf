/** ts-jest only strips the types here (`isolatedModules`); `npm run check` runs the compiler itself. */
export default {
  testEnvironment: "node",
  // A guard against hangs and nothing else: whole commands run as processes, on small machines too.
  testTimeout: 120_000,
  // By itself jest takes one on two cores: 304 s with two, about 600 s with one, which grows to 1.6 GB.
  maxWorkers: 2,
  // What a file has loaded stays in its worker: one of 2.8 GB took ten times as long for its last files, and with a limit of
  // 1 GB a file of 7 s still took 48. 909 s with 1 GB, 750 with 600 MB, on a slow machine.
  workerIdleMemoryLimit: "600MB",
  // The `expect` of scenarios and the one of the tests share a global symbol.
  testEnvironmentOptions: { globalsCleanup: "off" },
  roots: ["<rootDir>/test"],
  globalSetup: "<rootDir>/test/support/before-all.ts",
  globalTeardown: "<rootDir>/test/support/after-all.ts",
  setupFiles: ["<rootDir>/test/support/properties.ts"],
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
  extensionsToTreatAsEsm: [".ts", ".tsx"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: { "^.+\\.tsx?$": ["ts-jest", { useESM: true, tsconfig: "tsconfig.json", diagnostics: false }] },
  reporters: ["default", "summary", "<rootDir>/test/support/counts-reporter.js"],
};
