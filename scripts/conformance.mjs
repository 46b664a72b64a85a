// `npm run conformance -- SUITE DIR [--memory] [--plan naive] [--rollups] [--packed]`: runs another project's test vectors against ours.
import { parseArgs } from 'node:util'
import { promqlDifferential } from './promql-differential.mjs'
import { runConformance } from '../dist/cli/conformance/index.js'

const USAGE = `usage: npm run conformance -- SUITE DIR [--memory] [--plan naive] [--rollups] [--packed]
  suites: openmetrics, promql, logql, traceql; promql-differential (see docs/conformance.md)
  --memory  promql without the store: whether a failure is the evaluator's own
  --plan naive  promql one step after the other over all samples at once, not by series in pieces; both must pass
  --rollups  promql from rollups of what the scripts load, wherever that is possible; both must pass
  --packed   promql from packed samples of what the scripts load; both must pass
`

if (process.argv[2] === 'promql-differential') process.exit(await promqlDifferential(process.argv.slice(3)))

try {
  const { positionals, values } = parseArgs({
    options: {
      memory: { type: 'boolean' },
      plan: { type: 'string' },
      rollups: { type: 'boolean' },
      packed: { type: 'boolean' },
    },
    allowPositionals: true,
  })
  const [suite, dir] = positionals
  if (suite === undefined || dir === undefined) throw new Error(USAGE)
  if (values.plan !== undefined && values.plan !== 'naive' && values.plan !== 'streamed') throw new Error(USAGE)
  const plan = values.plan === 'naive' ? 'naive' : 'streamed'
  const { failed } = await runConformance(suite, dir, {
    memory: values.memory === true,
    plan,
    rollups: values.rollups === true,
    packed: values.packed === true,
  })
  process.exit(failed === 0 ? 0 : 1)
} catch (reason) {
  process.stderr.write(`${reason.message}\n`)
  process.exit(2)
}
