/** Jaeger's JSON model of traces, as its UI and Grafana read it. Times and durations are in microseconds. */
export interface UiTrace {
  readonly traceID: string
  readonly spans: readonly UiSpan[]
  readonly processes: Readonly<Record<string, UiProcess>>
  readonly warnings: readonly string[] | null
}

export interface UiSpan {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly references: readonly UiReference[]
  readonly startTime: number
  readonly duration: number
  readonly tags: readonly UiTag[]
  readonly logs: readonly UiLog[]
  readonly processID: string
  readonly warnings: readonly string[] | null
}

export interface UiReference {
  readonly refType: 'CHILD_OF' | 'FOLLOWS_FROM'
  readonly traceID: string
  readonly spanID: string
}

export interface UiProcess {
  readonly serviceName: string
  readonly tags: readonly UiTag[]
}

export interface UiLog {
  readonly timestamp: number
  readonly fields: readonly UiTag[]
}

/** `value` is a string for `string` and `binary` (base64), and for integers that JavaScript can not hold. */
export interface UiTag {
  readonly key: string
  readonly type: 'string' | 'bool' | 'int64' | 'float64' | 'binary'
  readonly value: string | number | boolean
}
