/** What types alone do not say. `npm test` runs it, and `pnpm lint --fix` repairs what can be repaired. */
import tseslint from 'typescript-eslint';

/** Names that begin with _ are there to be left out of the rest. */
const ignored = '^_';

export default tseslint.config(
  { ignores: ['**/dist/', '**/.types/', 'docs/site/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // An import whose names are all types leaves nothing behind, and so makes no circle at run time.
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: ignored, varsIgnorePattern: ignored, caughtErrorsIgnorePattern: ignored },
      ],
    },
  },
  {
    // Tests of types need values for their types alone. Here the compiler finds what is not used at all.
    files: ['**/types.test.ts'],
    rules: { '@typescript-eslint/no-unused-vars': 'off' },
  },
);
