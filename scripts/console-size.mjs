// `npm run console:size`: how much a browser loads before the first page is shown, and with each page. Fails when the
// first load is above the budget. Counts what index.html names and what those files import statically.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

const BUDGET_BYTES = 500_000
const dist = 'console/dist'
if (!existsSync(`${dist}/index.html`)) {
  process.stderr.write('console/dist is not built: run `npm run setup` first\n')
  process.exit(1)
}
const gzipped = (file) => gzipSync(readFileSync(path.join(dist, file))).length
const importsOf = (file) => {
  const text = readFileSync(path.join(dist, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)].map(([, name]) => `assets/${name}`)
}
const closure = (files) => {
  const all = new Set(files)
  for (const file of all) if (file.endsWith('.js')) for (const other of importsOf(file)) all.add(other)
  return all
}
const page = readFileSync(`${dist}/index.html`, 'utf8')
const first = closure([...page.matchAll(/(?:src|href)="\/(assets\/[\w.-]+\.(?:js|css))"/g)].map(([, file]) => file))
const sum = (files) => [...files].reduce((total, file) => total + gzipped(file), 0)
const kb = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`

const firstBytes = sum(first)
process.stdout.write(`first load            ${kb(firstBytes)} gzip, ${first.size} files (budget ${kb(BUDGET_BYTES)})\n`)
for (const file of readdirSync(`${dist}/assets`).filter((name) => /-page-.*\.js$/.test(name))) {
  const more = [...closure([`assets/${file}`])].filter((one) => !first.has(one))
  process.stdout.write(`${file.replace(/-[^-]+\.js$/, '').padEnd(20)}  ${kb(sum(more))} gzip more\n`)
}
process.exit(firstBytes <= BUDGET_BYTES ? 0 : 1)
