/** ts-jest only strips the types here (`isolatedModules`); `npm run check` runs the compiler itself. */
export default {
  testEnvironment: "node",
  // A guard against hangs and nothing else: whole commands run as processes, on small machines too.
  testTimeout: 120_000,
  // The `expect` of scenarios and the one of the tests share a global symbol.
  testEnvironmentOptions: { globalsCleanup: "off" },
  roots: ["<rootDir>/test"],
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: { "^.+\\.ts$": ["ts-jest", { useESM: true, tsconfig: "tsconfig.json", diagnostics: false }] },
  reporters: ["default", "summary", "<rootDir>/test/support/counts-reporter.js"],
};
