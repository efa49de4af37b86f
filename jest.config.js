/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/packages', '<rootDir>/examples'],
  testMatch: ['**/*.test.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // In plain Node, which compiles and loads each module once.
  runner: '<rootDir>/packages/workspace/src/jest/runner.mjs',
  // Sources import './x.js', the name that the compiled file has. Only the search for tests of what has changed uses this
  // (--watch, --findRelatedTests): the runner loads files with hooks of Node.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/', '/\\.types/'],
  // Ends a test that hangs. What passes takes seconds; on a busy machine no test fails for its slowness.
  testTimeout: 600_000,
};
