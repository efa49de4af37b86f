/** @type {import('jest').Config} */
export default {
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }],
  },
  // Sources import './x.js', the name that the compiled file has.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};
