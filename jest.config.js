/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/packages', '<rootDir>/examples'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }],
  },
  // Sources import './x.js', the name that the compiled file has.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/', '/\\.types/'],
  // Ends a test that hangs. What passes takes seconds; on a busy machine no test fails for its slowness.
  testTimeout: 600_000,
  // Tests run the sources, not a build: packages export them under this condition.
  testEnvironmentOptions: { customExportConditions: ['iommufd-source', 'node', 'node-addons'] },
};
