import { describe, expect, it } from 'vitest'
import { type Detector, DETECTORS } from '../../../fleet/index.ts'
import { KeyPath } from '../../../wire/index.ts'
import { Matches, Scanner } from './detect/index.ts'
import { corpus, type LabelledText } from './testing/corpus.ts'

const scanner = new Scanner(new Map(DETECTORS.map((detector, number) => [detector, number])))

interface Found {
  readonly detector: Detector
  readonly text: string
}

function scan(text: string): Found[] {
  const bytes = Buffer.from(`..${text}..`)
  const matches = new Matches()
  scanner.scan(bytes, 2, bytes.length - 2, new KeyPath(bytes), matches)
  return Array.from({ length: matches.length }, (_, i) => ({
    detector: DETECTORS[matches.detectors[i] ?? 0] ?? 'email',
    text: bytes.toString('utf8', matches.starts[i], matches.ends[i]),
  }))
}

/** By how much each detector may miss. The corpus is small enough to know every case by name. */
const LEAST: Readonly<Record<Detector, { readonly precision: number; readonly recall: number }>> = {
  email: { precision: 0.99, recall: 0.99 },
  'us-ssn': { precision: 0.99, recall: 0.99 },
  'credit-card': { precision: 0.99, recall: 0.99 },
  phone: { precision: 0.97, recall: 0.97 },
  iban: { precision: 0.99, recall: 0.99 },
  ipv4: { precision: 0.98, recall: 0.98 },
  ipv6: { precision: 0.99, recall: 0.99 },
  jwt: { precision: 0.99, recall: 0.99 },
  'cloud-key': { precision: 0.99, recall: 0.99 },
}

describe('detectors on the labelled corpus', () => {
  const { positives, lookAlikes } = corpus()
  const all: readonly LabelledText[] = [...positives, ...lookAlikes]
  const results = all.map((one) => ({ one, found: scan(one.text) }))

  it('has at least 500 texts of each sort', () => {
    expect(new Set(positives.map(({ text }) => text)).size).toBeGreaterThanOrEqual(500)
    expect(new Set(lookAlikes.map(({ text }) => text)).size).toBeGreaterThanOrEqual(500)
  })

  const rows: string[] = []
  it.each(DETECTORS)('%s finds what it should and nothing else', (detector) => {
    const missed: string[] = []
    const wrong: string[] = []
    let right = 0
    for (const { one, found } of results) {
      const labels = one.labels.filter((label) => label.detector === detector)
      const matches = found.filter((match) => match.detector === detector)
      for (const { value } of labels) {
        if (matches.some((match) => match.text === value)) right += 1
        else missed.push(`${one.text}  wanted ${value}, got ${matches.map((match) => match.text).join(' | ')}`)
      }
      // What the detector finds within a larger thing (digits in an address) goes with it, and is no mistake.
      const isWithin = (match: Found): boolean => one.labels.some(({ value }) => value.includes(match.text))
      for (const match of matches) if (!isWithin(match)) wrong.push(`${one.text}  found ${match.text}`)
    }
    const precision = right / (right + wrong.length)
    const recall = right / (right + missed.length)
    rows.push(
      `${detector.padEnd(12)} precision ${precision.toFixed(4)}  recall ${recall.toFixed(4)}  (${String(right)} found, ` +
        `${String(wrong.length)} wrong, ${String(missed.length)} missed)`,
    )
    const { precision: leastPrecision, recall: leastRecall } = LEAST[detector]
    expect(precision >= leastPrecision && recall >= leastRecall, [...missed, ...wrong].join('\n')).toBe(true)
  })

  it('prints precision and recall', () => {
    const title = `corpus: ${String(positives.length)} texts with personal data, ${String(lookAlikes.length)} look-alikes`
    process.stdout.write(`${[title, ...rows].join('\n')}\n`)
    expect(rows).toHaveLength(DETECTORS.length)
  })
})
