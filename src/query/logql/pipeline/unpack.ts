import { JSON_ERROR } from './json.ts'
import { JsonError, readObject, skipSpace, unescapeJson } from './json-scanner.ts'
import { PARSED } from './label-set.ts'
import { createNameCache } from './sanitize.ts'
import type { FieldNeeds, StageFunction } from './stage.ts'

const ENTRY = '_entry'

/** `| unpack`: a line that was packed into JSON with labels beside it is taken out again. */
export function createUnpackStage(needs: FieldNeeds): StageFunction {
  const sanitize = createNameCache()
  return (state) => {
    const { line, labels } = state
    if (line === '') return true
    const found: string[] = []
    let entry: string | undefined
    if (line[skipSpace(line, 0, line.length)] !== '{') {
      labels.fail(JSON_ERROR, 'expecting json object(6), but it is not')
      return true
    }
    try {
      readObject(line, 0, line.length, (key, value) => {
        if (value.type !== 'string') return 'next'
        const text = unescapeJson(line.slice(value.start, value.end)) ?? ''
        if (key === ENTRY) {
          entry = text
          return 'next'
        }
        const name = labels.fieldName(sanitize(key, true))
        if (needs.names?.has(name) !== false && !labels.isParsed(name)) found.push(name, text)
        return 'next'
      })
    } catch (reason) {
      if (!(reason instanceof JsonError)) throw reason
      labels.fail(JSON_ERROR, reason.message)
      return true
    }
    if (entry === undefined) return true
    state.line = entry
    for (let i = 0; i < found.length; i += 2) labels.set(PARSED, found[i] ?? '', found[i + 1] ?? '')
    return true
  }
}
