import { CANONICAL_LABELS, CANONICAL_RESOURCE_ATTRIBUTES, HUB_RECEIVED_AT, type Identity } from '../model/index.ts'

/** A label that speaks about the identity of the sender. */
export interface IdentityLabel {
  /** In Prometheus' form: `cluster`, `k8s_cluster_name`, … */
  readonly label: string
  /** Which part of the identity it speaks about; absent for the time of receipt, which no sender can know. */
  readonly part: keyof Identity | undefined
}

/** The label for a name: Prometheus' normalisation puts `_` in place of every other character. */
function normalizeLabel(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/gu, '_')
}

const IDENTITY_LABELS: readonly IdentityLabel[] = [
  ...Object.entries(CANONICAL_LABELS).map(([label, part]) => ({ label, part })),
  ...Object.entries(CANONICAL_RESOURCE_ATTRIBUTES).map(([name, part]) => ({ label: normalizeLabel(name), part })),
  { label: HUB_RECEIVED_AT, part: undefined },
]

const UNDERSCORE = 0x5f

interface Candidate {
  readonly identityLabel: IdentityLabel
  readonly ascii: Uint8Array
}

/** Candidates by their first byte: almost every key is dismissed by one look-up. */
const CANDIDATES: readonly (readonly Candidate[] | undefined)[] = (() => {
  const byFirst = new Array<Candidate[] | undefined>(256).fill(undefined)
  for (const identityLabel of IDENTITY_LABELS) {
    const ascii = new TextEncoder().encode(identityLabel.label)
    const first = ascii[0] ?? 0
    byFirst[first] = [...(byFirst[first] ?? []), { identityLabel, ascii }]
  }
  return byFirst
})()

/**
 * The identity label that a name (UTF-8 from `start` to `end`) becomes after normalisation, if it becomes one:
 * `k8s.cluster.name` and `k8s/cluster_name` are both `k8s_cluster_name`.
 */
export function findIdentityLabel(bytes: Uint8Array, start: number, end: number): IdentityLabel | undefined {
  const candidates = CANDIDATES[bytes[start] ?? 0]
  if (candidates === undefined || start === end) return undefined
  for (const candidate of candidates) {
    if (normalizesTo(bytes, start, end, candidate.ascii)) return candidate.identityLabel
  }
  return undefined
}

function normalizesTo(bytes: Uint8Array, start: number, end: number, label: Uint8Array): boolean {
  let at = start
  for (const wanted of label) {
    if (at >= end) return false
    const byte = bytes[at++] ?? 0
    if (byte === wanted) continue
    if (wanted !== UNDERSCORE || isWordByte(byte)) return false
    // Any other character becomes one underscore, however many bytes it has.
    if (byte >= 0x80) while (at < end && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1
  }
  return at === end
}

function isWordByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39)
}

/** Prometheus' prefix for a label of the sender that collides with one of ours. */
const EXPORTED = 'exported_'

const EXPORTED_BYTES = new TextEncoder().encode(EXPORTED)

/** Whether the name (UTF-8 from `start` to `end`) could be in the way of a label that is renamed. */
export function isExportedName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < EXPORTED_BYTES.length) return false
  for (let i = 0; i < EXPORTED_BYTES.length; i++) if (bytes[start + i] !== EXPORTED_BYTES[i]) return false
  return true
}

/** The name that a shadowing label gets; prefixed again while the record has that name already. */
export function toExportedName(label: string, taken: ReadonlySet<string>): string {
  let name = EXPORTED + label
  while (taken.has(name)) name = EXPORTED + name
  return name
}
