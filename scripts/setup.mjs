// Brings a clone to the state in which the programs can run: dependencies installed, TypeScript and console built.
// Plain JavaScript with nothing but Node's own modules, because it runs before anything is installed.
// Each step is skipped when its inputs have not changed since it last succeeded.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const force = process.argv.includes('--force')

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Fleetglass needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and try again.`)
}

process.chdir(root)
await install()
await Promise.all([
  build('programs', ['src', 'tsconfig.json', 'tsconfig.build.json'], 'dist/.programs', tsc('tsconfig.build.json')),
  build('examples', ['examples', 'tsconfig.examples.json'], 'dist/.examples', tsc('tsconfig.examples.json')),
  build('console', ['console', 'src/contract'], 'dist/.console', [
    'node_modules/vite/bin/vite.js',
    'build',
    'console',
    '--logLevel',
    'warn',
  ]),
])
prune('dist', 'src', new Set(['examples', 'bench', 'fuzz', 'reliability']))
prune('dist/examples', 'examples', new Set())
if (existsSync('dist/bin/fleetglass.js')) chmodSync('dist/bin/fleetglass.js', 0o755)

async function install() {
  const stamp = 'node_modules/.fleetglass-install'
  const wanted = fingerprint(['package.json', 'package-lock.json'])
  if (existsSync('node_modules') && read(stamp) === wanted) return
  say('installing dependencies (npm install)')
  const npm = process.env['npm_execpath']
  // Not `npm ci`: that refuses a lock file without the engine's binaries of platforms that the registry at hand lacks.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  const code = npm === undefined ? await run('npm', args) : await run(process.execPath, [npm, ...args])
  if (code !== 0) fail('npm install failed: see above. The package registry must be reachable for the first start.')
  writeFileSync(stamp, wanted)
}

async function build(what, inputs, stamp, args) {
  const wanted = fingerprint([...inputs, 'package-lock.json'])
  if (!force && read(stamp) === wanted) return
  say(`building ${what}`)
  const code = await run(process.execPath, args)
  if (code !== 0) fail(`building ${what} failed: see above.`)
  mkdirSync('dist', { recursive: true })
  writeFileSync(stamp, wanted)
}

function tsc(project) {
  return ['node_modules/typescript/bin/tsc', '-p', project]
}

/** Paths, sizes and times of the files below `inputs`: cheap, and changed by every edit. */
function fingerprint(inputs) {
  const hash = createHash('sha256')
  for (const input of inputs) {
    for (const file of filesBelow(input)) {
      const { size, mtimeMs } = statSync(file)
      hash.update(`${file}\0${size}\0${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}

function* filesBelow(place) {
  if (!existsSync(place)) return
  if (!statSync(place).isDirectory()) {
    yield place
    return
  }
  for (const entry of readdirSync(place).sort()) {
    if (entry === 'node_modules' || entry === 'dist') continue
    yield* filesBelow(path.join(place, entry))
  }
}

/** Removes built files whose source is gone, so that nothing runs that is no longer in the tree. */
function prune(outDir, sourceDir, keep) {
  if (!existsSync(outDir)) return
  for (const entry of readdirSync(outDir, { withFileTypes: true })) {
    if (keep.has(entry.name)) continue
    const built = path.join(outDir, entry.name)
    if (entry.isDirectory()) {
      if (existsSync(path.join(sourceDir, entry.name))) prune(built, path.join(sourceDir, entry.name), new Set())
      else rmSync(built, { recursive: true })
    } else if (/\.js(\.map)?$/.test(entry.name)) {
      const source = entry.name.replace(/\.js(\.map)?$/, '')
      if (!existsSync(path.join(sourceDir, `${source}.ts`))) rmSync(built)
    }
  }
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function run(command, args) {
  return new Promise((resolve) => {
    spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
      .on('error', () => resolve(1))
      .on('exit', (code) => resolve(code ?? 1))
  })
}

function say(text) {
  process.stdout.write(`fleetglass: ${text}\n`)
}

function fail(text) {
  process.stderr.write(`fleetglass: ${text}\n`)
  process.exit(1)
}
