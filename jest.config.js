/** ts-jest only strips the types here (`isolatedModules`); `npm run check` runs the compiler itself. */
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: { "^.+\\.ts$": ["ts-jest", { useESM: true, tsconfig: "tsconfig.json", diagnostics: false }] },
  reporters: ["default", "summary", "<rootDir>/test/support/counts-reporter.js"],
};
