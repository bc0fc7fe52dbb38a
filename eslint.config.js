import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

/** What each room of `src/` may import of ours, beside itself. A room that is not named is free. */
const MAY_IMPORT = {
  contract: [],
  policy: ['contract'],
  workflows: ['policy', 'contract'],
  providers: ['policy', 'contract'],
  journal: ['policy', 'contract'],
  encryption: ['journal/port.ts', 'policy', 'contract'],
  telemetry: ['policy', 'contract'],
  activities: ['providers', 'journal', 'telemetry', 'policy', 'contract', 'own-secrets.ts'],
};

/** Rooms that only the named ones may import: the ends of the import graph. */
const IMPORTED_ONLY_BY = {
  workflows: [],
  activities: ['worker.ts'],
  cli: [],
  dev: ['cli'],
  'worker.ts': ['cli', 'dev'],
};

const roomZones = Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
  target: `./src/${room}`,
  from: './src',
  except: [room, ...allowed].map((path) => `./${path}`),
  message: `${room} may import only: ${[room, ...allowed].join(', ')}`,
}));

const endZones = Object.entries(IMPORTED_ONLY_BY).map(([room, importers]) => ({
  target: [
    './src/!(' + [room, ...importers].join('|') + ')',
    './src/!(' + [room, ...importers].join('|') + ')/**/*',
  ],
  from: `./src/${room}`,
  message: `${room} may be imported only by: ${[room, ...importers].join(', ')}`,
}));

/** Every package and Node built-in but the ones that match. */
const onlyPackages = (allowed, message) => [
  'error',
  { patterns: [{ regex: `^(?!\\.${allowed.map((name) => `|${name}$`).join('')})`, message }] },
];

export default defineConfig(
  {
    ignores: [
      'dist/',
      'node_modules/',
      '.evertoken/',
      'bench/.build/',
      'bench/.quick/',
      'test/**/histories/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createTypeScriptImportResolver()],
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'import-x/no-duplicates': 'error',
      'import-x/no-restricted-paths': ['error', { zones: [...roomZones, ...endZones] }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['src/contract/**', 'src/workflows/**'],
    rules: {
      'no-restricted-imports': onlyPackages(
        ['@temporalio/workflow', '@temporalio/common'],
        'code of the workflow bundle may import only @temporalio/workflow and @temporalio/common',
      ),
    },
  },
  {
    files: ['src/policy/**'],
    rules: {
      'no-restricted-imports': onlyPackages([], 'policy imports no package and no Node built-in'),
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'policy takes `nowMs` as an argument' },
        { object: 'Math', property: 'random', message: 'policy takes the draw as an argument' },
      ],
    },
  },
  {
    files: ['src/contract/**', 'src/policy/**', 'src/workflows/**'],
    rules: { 'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch', 'require'] },
  },
  {
    files: ['src/providers/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^@temporalio/', message: 'providers know nothing of Temporal' }] },
      ],
    },
  },
  { files: ['src/cli/**'], rules: { 'no-console': 'off' } },
  {
    files: ['*.config.ts', 'test/support/global-setup.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    // A fake behind a port is async because the port is.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        console: 'readonly',
        fetch: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
      },
    },
  },
);
