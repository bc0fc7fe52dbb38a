import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

/** What both the command line and the worker compose. */
const BENEATH_A_PROCESS = [
  'temporal',
  'settings',
  'journal',
  'encryption',
  'telemetry',
  'providers',
  'policy',
  'contract',
];

/**
 * What each room and each file of `src/` may import of ours, beside itself. A file that is named has rules of its own in
 * place of its room's. `docs/architecture.md` shows the same table.
 */
const MAY_IMPORT = {
  contract: [],
  policy: ['contract'],
  workflows: ['policy', 'contract'],
  providers: ['policy', 'contract'],
  journal: ['policy', 'contract'],
  telemetry: ['policy', 'contract'],
  encryption: ['journal/port.ts', 'policy', 'contract'],
  activities: [
    'settings/own-secrets.ts',
    'settings/secret-below.ts',
    'providers',
    'journal',
    'telemetry',
    'policy',
    'contract',
  ],
  'codec-server': ['encryption', 'telemetry', 'policy', 'contract'],
  settings: [
    'codec-server/callers.ts',
    'journal/journal-location.ts',
    'encryption',
    'providers/names.ts',
    'policy',
    'contract',
  ],
  temporal: ['settings', 'encryption', 'policy', 'contract'],
  credentials: [
    'settings/closest-name.ts',
    'settings/file-text.ts',
    'settings/own-secrets.ts',
    'settings/secret-below.ts',
    'providers',
    'policy',
    'contract',
  ],
  client: ['providers/wire/destination.ts', 'policy', 'contract'],
  'client/connect-tokens.ts': ['client', 'keepers', 'temporal', 'settings'],
  keepers: [
    'client/keeper-port.ts',
    'client/ended-keeper.ts',
    'client/token-error.ts',
    'temporal',
    'settings/environment.ts',
    'encryption',
    'policy',
    'contract',
  ],
  'stand-ins': ['providers', 'contract'],
  'dev-server': ['temporal', 'settings', 'encryption', 'contract'],
  worker: [
    'keepers/key-fit.ts',
    'settings',
    'journal',
    'telemetry',
    'providers',
    'policy',
    'contract',
  ],
  cli: [
    'worker.ts',
    'worker/health.ts',
    'dev-server',
    'stand-ins',
    'codec-server',
    'credentials',
    'keepers',
    'client',
    ...BENEATH_A_PROCESS,
  ],
  'worker.ts': ['worker', 'activities', ...BENEATH_A_PROCESS],
  'index.ts': ['client', 'temporal', 'settings', 'contract'],
};

const zones = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  target: targetOf(name),
  from: './src',
  except: [name, ...allowed].map((path) => `./${path}`),
  message: `${name} may import only: ${[name, ...allowed].join(', ')}`,
}));

const named = Object.keys(MAY_IMPORT)
  .filter((name) => !name.includes('/'))
  .join('|');
const restZone = {
  target: [`./src/!(${named})`, `./src/!(${named})/**/*`],
  from: './src',
  message: 'say first, in eslint.config.js, what this room may import',
};

/** All of a room, but the files in it that have rules of their own. */
function targetOf(name) {
  const apart = Object.keys(MAY_IMPORT).filter((other) => other.startsWith(`${name}/`));
  if (apart.length === 0) return `./src/${name}`;
  const files = apart.map((path) => path.slice(name.length + 1)).join('|');
  return [`./src/${name}/!(${files})`, `./src/${name}/*/**/*`];
}

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
      'import-x/no-restricted-paths': ['error', { zones: [...zones, restZone] }],
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
