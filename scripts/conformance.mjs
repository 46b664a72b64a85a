// `npm run conformance -- SUITE DIR`: runs another project's test vectors against ours.
import { runConformance } from '../dist/cli/conformance/index.js'

const [suite, dir] = process.argv.slice(2)
if (suite === undefined || dir === undefined) {
  process.stderr.write('usage: npm run conformance -- SUITE DIR   (suites: openmetrics)\n')
  process.exit(2)
}
try {
  const { failed } = await runConformance(suite, dir)
  process.exit(failed === 0 ? 0 : 1)
} catch (reason) {
  process.stderr.write(`${reason.message}\n`)
  process.exit(2)
}
