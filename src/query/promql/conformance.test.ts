import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runScript } from '../testing/promql-script.ts'
import { sharedPath } from '../testing/shared-folder.ts'

const folder = sharedPath('conformance/promql')

/** What is not in the language yet; a case that needs it must fail to parse, not answer something. */
const NOT_YET =
  /parse error: unknown function with name "(mad_over_time|double_exponential_smoothing|ts_of_|histogram_)/

// Files with nothing but native histograms, experimental syntax or feature flags are not in the list.
const FILES = [
  'aggregators',
  'at_modifier',
  'collision',
  'functions',
  'histograms',
  'name_label_dropping',
  'operators',
  'range_queries',
  'selectors',
  'staleness',
  'subquery',
  'trig_functions',
]

describe.skipIf(folder === undefined)(
  "Prometheus' own test scripts (shared/conformance/promql, skipped if absent)",
  () => {
    it.each(FILES)('%s', async (file) => {
      const cases = await runScript(readFileSync(join(folder ?? '', `${file}.test`), 'utf8'))
      expect(cases.length).toBeGreaterThan(0)
      expect(cases.filter((c) => c.outcome === 'failed' && !NOT_YET.test(c.detail))).toEqual([])
    })
  },
)
