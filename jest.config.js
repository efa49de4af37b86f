/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/packages', '<rootDir>/examples'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: { '^.+\\.ts$': '<rootDir>/packages/workspace/src/jest/transform.mjs' },
  moduleNameMapper: {
    // Sources import './x.js', the name that the compiled file has.
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^ecmascript-globals$': '<rootDir>/packages/workspace/src/jest/globals.mjs',
  },
  modulePathIgnorePatterns: ['/dist/', '/\\.types/'],
  // What a test file has loaded is not given back when the next one comes, and collecting garbage takes longer with each: a
  // worker that holds so much is replaced.
  workerIdleMemoryLimit: '300MB',
  // Ends a test that hangs. What passes takes seconds; on a busy machine no test fails for its slowness.
  testTimeout: 600_000,
  // Tests run the sources, not a build: packages export them under this condition.
  testEnvironmentOptions: { customExportConditions: ['iommufd-source', 'node', 'node-addons'] },
};
