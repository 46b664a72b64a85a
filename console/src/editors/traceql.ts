import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { LanguageSupport, StreamLanguage, type StringStream } from '@codemirror/language'
import type { Extension } from '@codemirror/state'

/** Told apart by words: an editor needs no more of the language, and colours while one types. */
const KEYWORDS =
  /^(by|select|with|true|false|nil|error|ok|unset|server|client|internal|producer|consumer|most_recent)\b/
const FUNCTIONS =
  /^(rate|count_over_time|min_over_time|max_over_time|avg_over_time|sum_over_time|quantile_over_time|histogram_over_time|compare|count|avg|min|max|sum|coalesce|topk|bottomk)(?=\s*\()/
const FIELDS =
  /^(?:(?:resource|span|event|link|instrumentation|parent|trace)[.:][\w.:-]+|\.[\w.:-]+|name|status|statusMessage|kind|duration|traceDuration|rootName|rootServiceName|childCount|nestedSetParent|parent)\b/
const NUMBERS = /^\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d)?\b/

function readToken(stream: StringStream): string | null {
  if (stream.eatSpace()) return null
  if (stream.match(/^"(\\.|[^"\\])*"?/) !== null || stream.match(/^`[^`]*`?/) !== null) return 'string'
  if (stream.match(/^\/\/.*/) !== null) return 'comment'
  if (stream.match(FUNCTIONS) !== null) return 'variableName.function'
  if (stream.match(FIELDS) !== null) return 'propertyName'
  if (stream.match(KEYWORDS) !== null) return 'keyword'
  if (stream.match(NUMBERS) !== null) return 'number'
  if (stream.match(/^[\w]+/) === null) stream.next()
  return null
}

const language = StreamLanguage.define({
  name: 'traceql',
  token: readToken,
  languageData: { closeBrackets: { brackets: ['(', '{', '"', '`'] }, commentTokens: { line: '//' } },
})

export interface TraceCompletionSource {
  readonly tags: () => Promise<readonly string[]>
  readonly values: (tag: string) => Promise<readonly { readonly type: string; readonly value: string }[]>
}

export function traceqlLanguage(source: TraceCompletionSource): Extension {
  return new LanguageSupport(language, [
    language.data.of({ autocomplete: (context: CompletionContext) => completeTraceql(context, source) }),
  ])
}

export type TracePlace =
  | { readonly kind: 'field'; readonly from: number }
  | { readonly kind: 'value'; readonly tag: string; readonly from: number; readonly isQuoted: boolean }
  | { readonly kind: 'pipe'; readonly from: number }

export function tracePlaceOf(before: string): TracePlace | undefined {
  const value = /([\w.:-]+)\s*(?:=~|!~|!=|=|<=|>=|<|>)\s*("?)([^"\s{}()&|]*)$/.exec(before)
  if (value !== null) {
    const [, tag = '', quote = '', word = ''] = value
    return { kind: 'value', tag, from: before.length - word.length, isQuoted: quote !== '' }
  }
  const bare = before.replaceAll(/"(?:\\.|[^"\\])*"|`[^`]*`/g, '')
  if (/["`]/.test(bare)) return undefined
  const word = /[\w.:-]*$/.exec(before)?.[0].length ?? 0
  const isInside = bare.lastIndexOf('{') > bare.lastIndexOf('}')
  if (isInside && /[{(&|!]\s*[\w.:-]*$/.test(bare)) return { kind: 'field', from: before.length - word }
  if (!isInside && /\|\s*\w*$/.test(bare) && !/\|\|\s*\w*$/.test(bare))
    return { kind: 'pipe', from: before.length - word }
  return undefined
}

async function completeTraceql(
  context: CompletionContext,
  source: TraceCompletionSource,
): Promise<CompletionResult | null> {
  const place = tracePlaceOf(context.state.sliceDoc(0, context.pos))
  if (place === undefined) return null
  const options = await optionsAt(place, source).catch((): Completion[] => [])
  return options.length === 0 ? null : { from: place.from, options, validFor: /^[\w.:-]*$/ }
}

async function optionsAt(place: TracePlace, source: TraceCompletionSource): Promise<Completion[]> {
  switch (place.kind) {
    case 'field':
      return (await source.tags()).map((label) => ({ label, type: 'property' }))
    case 'value':
      return (await source.values(place.tag)).map(({ type, value }) => ({
        label: value,
        apply: place.isQuoted || type !== 'string' ? value : JSON.stringify(value),
        type: 'text',
      }))
    case 'pipe':
      return [
        'rate()',
        'count_over_time()',
        'quantile_over_time(duration, 0.99)',
        'count() > 1',
        'avg(duration) > 1s',
        'select(',
        'by(',
      ].map((label) => ({ label, type: 'function' }))
  }
}
