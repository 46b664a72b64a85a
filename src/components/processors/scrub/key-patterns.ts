import { CANONICAL_LABELS, CANONICAL_RESOURCE_ATTRIBUTES, HUB_RECEIVED_AT, METRIC_NAME } from '../../../model/index.ts'

/** What tells where telemetry comes from, and which series it is: scrubbed away, nothing would be found any more. */
export const IDENTITY_KEYS: readonly string[] = [
  ...Object.keys(CANONICAL_LABELS),
  ...Object.keys(CANONICAL_RESOURCE_ATTRIBUTES),
  HUB_RECEIVED_AT,
  METRIC_NAME,
  'job',
  'instance',
  'le',
  'quantile',
  'service.name',
  'service.namespace',
  'service.version',
  'service.instance.id',
  'k8s.*.name',
  'k8s.*.uid',
  'container.id',
  'container.name',
  'container.image.*',
  'telemetry.sdk.*',
  'log.file.path',
]

const MAX_REMEMBERED = 10_000

/** Keys of attributes by patterns in which `*` stands for anything. */
export class KeyPatterns {
  readonly #expression: RegExp
  readonly #remembered = new Map<string, boolean>()

  constructor(patterns: readonly string[]) {
    const alternatives = patterns.map((pattern) =>
      pattern
        .split('*')
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*'),
    )
    // Keys are short (OTLP's limit is 1 KiB) and `.*` is all there is, but it is asked once for each key all the same.
    this.#expression = new RegExp(`^(?:${alternatives.join('|')})$`, 's')
  }

  /** Whether the path of the keys, or one of those around it, matches: `user` is for `user.address.city` too. */
  match(keys: readonly string[]): boolean {
    let path = ''
    for (const key of keys) {
      path = path === '' ? key : `${path}.${key}`
      if (this.#matches(path)) return true
    }
    return false
  }

  #matches(path: string): boolean {
    const known = this.#remembered.get(path)
    if (known !== undefined) return known
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
    const matches = this.#expression.test(path)
    this.#remembered.set(path, matches)
    return matches
  }
}
