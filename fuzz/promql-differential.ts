export { runDifferential } from '../src/cli/conformance/testing/differential/differential.ts'
export { prometheusVersion } from '../src/cli/conformance/testing/differential/prometheus-server.ts'
