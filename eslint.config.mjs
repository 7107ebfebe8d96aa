// Lint rules: type-aware ones, React's, and the project's own about who imports whom.
import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'
import { layering, openingSentence } from './test/rules/layering.mjs'

const project = { rules: { layering, 'opening-sentence': openingSentence } }

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'node_modules/', 'resources/', 'src/main/onnx/proto/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // numbers in messages are meant
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowNullish: true, allow: [{ name: 'Value', from: 'file' }] },
      ],
      // tensors are full of indices that are known to be in range
      '@typescript-eslint/no-non-null-assertion': 'off',
      // a callback that returns what it calls is clear enough
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // interfaces are written with method syntax; classes are not taken apart
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name: one noun, one name everywhere.' },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'test/**/*.ts', 'bench/**/*.ts'],
    plugins: { project },
    rules: { 'project/layering': 'error', 'project/opening-sentence': 'error', 'max-lines': ['error', 400] },
  },
  {
    files: ['src/renderer/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    // what the tools ask for by default export
    files: ['*.config.ts', 'test/e2e/build.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.mjs', 'src/renderer/public/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'setTimeout',
          'Buffer',
          'window',
          'document',
          'localStorage',
          'matchMedia',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
)
