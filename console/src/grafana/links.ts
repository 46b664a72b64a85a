import { type Json, objectsAt, textAt } from './json.ts'
import { ALL, interpolate, type Variable } from './variables/interpolate.ts'

/** What a link of a value may refer to. */
export interface LinkSubject {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | string | null
  /** Other columns of its row. */
  readonly row?: Readonly<Record<string, string>>
  readonly timeMs?: number
}

export interface LinkPlace {
  readonly variables: ReadonlyMap<string, Variable>
  readonly fromMs: number
  readonly toMs: number
  /** As the address has them: `now-1h`. */
  readonly from: string
  readonly to: string
}

const OWN = /\$\{__(value|field|series|data|cell)[._]([^}:]+)(?::(\w+))?\}/g

/** An address with everything filled in; undefined for what is neither http nor a page of a dashboard. */
export function fillUrl(url: string, place: LinkPlace, subject?: LinkSubject): string | undefined {
  const own = url.replaceAll(OWN, (_whole, kind: string, path: string, format?: string) => {
    const text = subject === undefined ? '' : ownOf(kind, path, subject)
    return format === 'raw' ? text : encodeURIComponent(text)
  })
  const special = new Map<string, Variable>([
    ...place.variables,
    textVariable('__url_time_range', `from=${encodeURIComponent(place.from)}&to=${encodeURIComponent(place.to)}`),
    textVariable('__all_variables', allVariables(place.variables)),
    textVariable('__from', String(place.fromMs)),
    textVariable('__to', String(place.toMs)),
  ])
  const filled = interpolate(own, special, ({ name, values }) =>
    name === '__url_time_range' || name === '__all_variables'
      ? values.join('')
      : encodeURIComponent(values.length > 1 ? `{${values.join(',')}}` : (values[0] ?? '')),
  )
  return safeUrl(filled)
}

function textVariable(name: string, text: string): readonly [string, Variable] {
  return [name, { name, values: [text], texts: [text], multi: false }]
}

/** `var-cluster=a&var-cluster=b` for all that are chosen. */
export function allVariables(variables: ReadonlyMap<string, Variable>): string {
  return [...variables.values()]
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap(({ name, values, texts }) => {
      const chosen = texts[0] === 'All' ? [ALL] : values
      return chosen.map((value) => `var-${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    })
    .join('&')
}

function ownOf(kind: string, path: string, { name, labels, value, row = {}, timeMs }: LinkSubject): string {
  const label = /^labels\.(.+)$/.exec(path)?.[1] ?? /^labels\["(.+)"\]$/.exec(path)?.[1]
  if (label !== undefined) return labels[label] ?? ''
  switch (kind) {
    case 'value':
      return path === 'time' ? String(timeMs ?? '') : String(value ?? '')
    case 'data': {
      const field = /^fields(?:\.([^.[]+)|\["([^"]+)"\]|\[(\d+)\])/.exec(path)
      const wanted = field?.[1] ?? field?.[2]
      return wanted === undefined ? (Object.values(row)[Number(field?.[3] ?? -1)] ?? '') : (row[wanted] ?? '')
    }
    case 'cell':
      return Object.values(row)[Number(path)] ?? String(value ?? '')
    default:
      return name
  }
}

/** Web addresses as they are; a dashboard of Grafana's becomes that of this console; everything else is none. */
function safeUrl(text: string): string | undefined {
  const own = /^\/?d\/([\w-]+)(?:\/[^?#]*)?(\?[^#]*)?$/.exec(text)
  if (own !== null) return `/dashboards/${own[1] ?? ''}${own[2] ?? ''}`
  if (/^\/(?!\/)/.test(text))
    return /^\/(dashboards|explore|fleet|map|compare|alerts)(\/|\?|$)/.test(text) ? text : undefined
  if (!URL.canParse(text)) return undefined
  const { protocol } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? text : undefined
}

export interface NamedLink {
  readonly title: string
  readonly url: string
}

/** Links of a panel or of a field, with their addresses; old ones name a dashboard. */
export function linksIn(json: Json, place: LinkPlace, subject?: LinkSubject): readonly NamedLink[] {
  return objectsAt(json, 'links').flatMap((link) => {
    const address = textAt(link, 'url') ?? textAt(link, 'linkUrl') ?? ''
    const url = address === '' ? undefined : fillUrl(address, place, subject)
    const title = interpolate(textAt(link, 'title') ?? '', place.variables, ({ texts }) => texts.join(' + '))
    return url === undefined ? [] : [{ title: title === '' ? url : title, url }]
  })
}
