// `npm run conformance -- SUITE DIR [--memory]`: runs another project's test vectors against ours.
import { parseArgs } from 'node:util'
import { runConformance } from '../dist/cli/conformance/index.js'

const USAGE = `usage: npm run conformance -- SUITE DIR [--memory]
  suites: openmetrics, promql
  --memory  promql without the store: whether a failure is the evaluator's own
`

try {
  const { positionals, values } = parseArgs({ options: { memory: { type: 'boolean' } }, allowPositionals: true })
  const [suite, dir] = positionals
  if (suite === undefined || dir === undefined) throw new Error(USAGE)
  const { failed } = await runConformance(suite, dir, { memory: values.memory === true })
  process.exit(failed === 0 ? 0 : 1)
} catch (reason) {
  process.stderr.write(`${reason.message}\n`)
  process.exit(2)
}
