import type { ScrubAction, ScrubSettings } from '../../../fleet/index.ts'
import { type Signal, SIGNALS, type TextPlace } from '../../../model/index.ts'
import { createOtlpTextRewriter, type TextVerdict, type TextVisitor } from '../../../wire/index.ts'
import { Judge } from './judge.ts'
import { compileRules } from './rules.ts'

/** One text that rules would change. */
export interface InspectedText {
  readonly place: TextPlace
  /** The keys around it, with dots between; empty where there are none. */
  readonly path: string
  readonly before: string
  /** Undefined when the attribute or record goes with it. */
  readonly after: string | undefined
  readonly finds: readonly InspectedFind[]
}

export interface InspectedFind {
  readonly rule: string
  readonly action: ScrubAction
  readonly value: string
  /** In bytes of the text; absent for what was found only after something else had been replaced. */
  readonly start?: number
  readonly end?: number
}

export interface Inspection {
  readonly texts: readonly InspectedText[]
  /** Log records, spans or data points that are left, and that are dropped. */
  readonly items: number
  readonly dropped: number
}

/** Shows what rules would do to OTLP requests, value by value: for people who try rules on data of their own. */
export function createInspector(
  settings: ScrubSettings,
  key: string | undefined,
): (signal: Signal, payload: Uint8Array) => Inspection {
  const rules = compileRules(settings, key)
  const { exclude = [] } = settings
  const bySignal = new Map(
    SIGNALS.map((signal) => {
      const finds: { readonly find: InspectedFind; readonly bytes: Uint8Array }[] = []
      const judge = new Judge(rules, signal, exclude, ({ rule, start, end }, { bytes }) => {
        const value = toText(bytes, start, end)
        finds.push({ find: { rule: rule.name, action: rule.action, value, start, end }, bytes })
      })
      const texts: InspectedText[] = []
      const recorder: TextVisitor = {
        places: judge.places,
        integers: judge.integers,
        mightChange: (bytes, start, end) => judge.mightChange(bytes, start, end),
        text: (bytes, start, end, place, path): TextVerdict => {
          finds.length = 0
          const verdict = judge.text(bytes, start, end, place, path)
          if (verdict === undefined) return undefined
          texts.push({
            place,
            path: path.join(),
            before: toText(bytes, start, end),
            after: typeof verdict === 'string' ? undefined : toText(verdict, 0, verdict.length),
            finds: finds.map(({ find, bytes: of }) => (of === bytes ? relativeTo(find, start) : withoutPlace(find))),
          })
          return verdict
        },
      }
      const rewrite = createOtlpTextRewriter(signal, recorder)
      return [
        signal,
        (payload: Uint8Array): Inspection => {
          texts.length = 0
          judge.begin(payload)
          const { items, dropped } = rewrite(payload)
          return { texts: [...texts], items, dropped }
        },
      ]
    }),
  )
  return (signal, payload) => bySignal.get(signal)?.(payload) ?? { texts: [], items: 0, dropped: 0 }
}

function relativeTo({ start = 0, end = 0, ...find }: InspectedFind, from: number): InspectedFind {
  return { ...find, start: start - from, end: end - from }
}

function withoutPlace({ rule, action, value }: InspectedFind): InspectedFind {
  return { rule, action, value }
}

function toText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('utf8')
}
