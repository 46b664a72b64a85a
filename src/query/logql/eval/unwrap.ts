import { parseGoFloat } from '../../go-float.ts'
import { parseByteSize, parseGoNanoseconds } from '../../quantities.ts'
import type { Unwrap } from '../ast.ts'
import { createLabelFilter, problemOf } from '../pipeline/label-filter.ts'
import type { LineState } from '../pipeline/stage.ts'

const EXTRACTION_ERROR = 'SampleExtractionErr'

/** The number in a line's label; undefined where the line has no such label or a filter behind drops it. */
export function compileUnwrap({ label, conversion, filters }: Unwrap): (state: LineState) => number | undefined {
  const type = conversion === undefined ? 'number' : conversion === 'bytes' ? 'bytes' : 'duration'
  const tests = filters.map(createLabelFilter)
  return (state) => {
    const text = state.labels.get(label)
    if (text === undefined) return undefined
    const value = convert(type, text)
    if (value === undefined) state.labels.fail(EXTRACTION_ERROR, problemOf(type, text))
    return tests.every((test) => test(state)) ? (value ?? 0) : undefined
  }
}

function convert(type: 'number' | 'bytes' | 'duration', text: string): number | undefined {
  if (type === 'number') return parseGoFloat(text)
  if (type === 'bytes') return parseByteSize(text)
  const ns = parseGoNanoseconds(text)
  return ns === undefined ? undefined : ns / 1e9
}
