// Types, lint, format, boundaries and dead code: everything that can be said about the code without running it.
import { spawnSync } from 'node:child_process'

const steps = [
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['types of the console', 'node_modules/typescript/bin/tsc', '-p', 'console/tsconfig.json'],
  // Of their own, because what runs in the browser's page needs its types.
  ['types of the end-to-end tests', 'node_modules/typescript/bin/tsc', '-p', 'e2e/tsconfig.json'],
  [
    'lint',
    'node_modules/eslint/bin/eslint.js',
    'src',
    'e2e',
    'bench',
    'fuzz',
    'reliability',
    'examples',
    'console/src',
    '--quiet',
  ],
  ['format', 'node_modules/@biomejs/biome/bin/biome', 'format', '.'],
  ['boundaries', 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs', 'src', 'console/src'],
  ['dead code', 'node_modules/knip/bin/knip.js'],
]

let failed = 0
for (const [name, ...args] of steps) {
  const started = Date.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
  if (status !== 0) failed += 1
}
process.exit(failed === 0 ? 0 : 1)
