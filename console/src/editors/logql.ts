import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { LanguageSupport, LRLanguage } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { parser } from '@grafana/lezer-logql'
import { styleTags, tags } from '@lezer/highlight'

const language = LRLanguage.define({
  name: 'logql',
  parser: parser.configure({
    props: [
      styleTags({
        'Json Logfmt Unpack Pattern Regexp Unwrap LabelFormat LineFormat Decolorize Drop Keep': tags.keyword,
        'By Without On Ignoring GroupLeft GroupRight Bool Offset And Or Unless': tags.keyword,
        'Sum Avg Count Max Min Stddev Stdvar Bottomk Topk Sort': tags.keyword,
        'CountOverTime Rate RateCounter BytesOverTime BytesRate AvgOverTime SumOverTime MinOverTime MaxOverTime':
          tags.function(tags.variableName),
        'StddevOverTime StdvarOverTime QuantileOverTime FirstOverTime LastOverTime AbsentOverTime LabelReplace Vector':
          tags.function(tags.variableName),
        Identifier: tags.labelName,
        LabelName: tags.labelName,
        String: tags.string,
        'Duration Bytes Number': tags.number,
        LineComment: tags.comment,
      }),
    ],
  }),
  languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '{', '"', '`'] } },
})

/** Where completion gets names and values from. */
export interface LogCompletionSource {
  readonly labels: () => Promise<readonly string[]>
  readonly values: (label: string) => Promise<readonly string[]>
  /** Fields of the lines that are shown. */
  readonly fields: () => readonly string[]
}

export function logqlLanguage(source: LogCompletionSource): Extension {
  return new LanguageSupport(language, [
    language.data.of({ autocomplete: (context: CompletionContext) => completeLogql(context, source) }),
  ])
}

const RANGE_FUNCTIONS = [
  'count_over_time',
  'rate',
  'bytes_over_time',
  'bytes_rate',
  'rate_counter',
  'sum_over_time',
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'first_over_time',
  'last_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'quantile_over_time',
  'absent_over_time',
]
const AGGREGATIONS = ['sum', 'avg', 'min', 'max', 'count', 'topk', 'bottomk', 'stddev', 'stdvar', 'sort', 'sort_desc']
const STAGES: readonly (readonly [string, string])[] = [
  ['json', 'fields of a JSON line become labels'],
  ['logfmt', 'key=value pairs become labels'],
  ['pattern', 'labels from a pattern such as "<method> <path>"'],
  ['regexp', 'labels from the named groups of a regular expression'],
  ['unpack', 'labels that promtail packed'],
  ['line_format', 'write the line anew from labels'],
  ['label_format', 'rename or make labels'],
  ['unwrap', 'take a label as the value of the sample'],
  ['decolorize', 'without colour codes'],
  ['drop', 'without these labels'],
  ['keep', 'with these labels only'],
]
const LINE_FILTERS: readonly (readonly [string, string])[] = [
  ['|= ""', 'the line contains'],
  ['!= ""', 'the line does not contain'],
  ['|~ ""', 'the line matches the expression'],
  ['!~ ""', 'the line does not match'],
]

/** What kind of thing can stand at a place, told from the text before it. */
export type LogPlace =
  | { readonly kind: 'label'; readonly from: number }
  | { readonly kind: 'value'; readonly label: string; readonly from: number }
  | { readonly kind: 'stage'; readonly from: number }
  | { readonly kind: 'filter'; readonly from: number }
  | { readonly kind: 'function'; readonly from: number }
  | { readonly kind: 'group'; readonly from: number }

export function placeOf(before: string): LogPlace | undefined {
  const word = /[\w.]*$/.exec(before)?.[0].length ?? 0
  const from = before.length - word
  const bare = before.replaceAll(/"(?:\\.|[^"\\])*"|`[^`]*`/g, (text) => '~'.repeat(text.length))
  const opened = bare.lastIndexOf('{')
  const isInSelector = opened > bare.lastIndexOf('}')
  const value = /([\w.]+)\s*(?:=|!=|=~|!~)\s*["`]([^"`]*)$/.exec(before)
  if (value !== null && isInSelector)
    return { kind: 'value', label: value[1] ?? '', from: before.length - (value[2] ?? '').length }
  if (/["`][^"`~]*$/.test(bare)) return undefined
  if (isInSelector) return /[{,]\s*[\w.]*$/.test(bare) ? { kind: 'label', from } : undefined
  if (/\b(by|without)\s*\([^)]*$/.test(bare)) return { kind: 'group', from }
  if (/\|\s*\w*$/.test(bare)) return { kind: 'stage', from }
  if (/[}~]\s+$/.test(bare)) return { kind: 'filter', from: before.length }
  if (opened < 0 || /[(+\-*/]\s*\w*$/.test(bare)) return { kind: 'function', from }
  return undefined
}

async function completeLogql(
  context: CompletionContext,
  source: LogCompletionSource,
): Promise<CompletionResult | null> {
  const place = placeOf(context.state.sliceDoc(0, context.pos))
  if (place === undefined) return null
  if (!context.explicit && (place.kind === 'filter' || (place.kind === 'function' && place.from === context.pos)))
    return null
  const options = await optionsAt(place, source).catch((): Completion[] => [])
  return options.length === 0
    ? null
    : { from: place.from, options, validFor: place.kind === 'value' ? /^[^"`]*$/ : /^[\w.]*$/ }
}

async function optionsAt(place: LogPlace, source: LogCompletionSource): Promise<Completion[]> {
  switch (place.kind) {
    case 'label':
      return (await source.labels()).map((label) => ({ label, type: 'property' }))
    case 'group':
      return [...new Set([...(await source.labels()), ...source.fields()])].map((label) => ({
        label,
        type: 'property',
      }))
    case 'value':
      return (await source.values(place.label)).map((label) => ({
        label,
        apply: JSON.stringify(label).slice(1, -1),
        type: 'text',
      }))
    case 'stage':
      return [
        ...STAGES.map(([label, detail]) => ({ label, detail, type: 'keyword', boost: 1 })),
        ...source.fields().map((label) => ({ label, detail: 'field', type: 'property' })),
      ]
    case 'filter':
      return LINE_FILTERS.map(([label, detail]) => ({ label, detail, type: 'keyword' }))
    case 'function':
      return [...RANGE_FUNCTIONS, ...AGGREGATIONS].map((label) => ({ label, type: 'function' }))
  }
}
