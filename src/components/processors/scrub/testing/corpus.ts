import type { Detector } from '../../../../fleet/index.ts'
import { lookAlikes } from './look-alikes.ts'
import { positives } from './positives.ts'

/** A text and what is in it; look-alikes have nothing in them. */
export interface LabelledText {
  readonly text: string
  readonly labels: readonly { readonly detector: Detector; readonly value: string }[]
}

/** The labelled corpus: synthetic, hand-written and generated from a fixed seed. */
export function corpus(): {
  readonly positives: readonly LabelledText[]
  readonly lookAlikes: readonly LabelledText[]
} {
  return { positives: positives(), lookAlikes: lookAlikes().map((text) => ({ text, labels: [] })) }
}
