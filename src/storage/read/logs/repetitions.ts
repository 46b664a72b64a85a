import type { Block } from '../native-decoder.ts'
import { bigintOf, type Reader, textOf } from '../rows.ts'
import type { LinePlan } from './line-blocks.ts'

interface Place {
  readonly block: number
  readonly row: number
}

/**
 * The rows of each block without those that were stored more than once: of lines with the same time and text in a
 * stream the first one counts. `undefined` stands for all rows. Lines of one time must all be in these blocks, which are
 * in the order of time.
 */
export function withoutRepetitions(
  blocks: readonly Block[],
  plan: LinePlan,
  direction: 'forward' | 'backward',
): readonly (Uint32Array | undefined)[] {
  const keys = blocks.map((block) => keyOf(block, plan))
  const dropped = blocks.map(() => new Set<number>())
  const settle = (places: readonly Place[]): void => {
    if (places.length === 1) return
    const seen = new Set<string>()
    for (const { block, row } of direction === 'forward' ? places : places.toReversed()) {
      const key = keys[block]?.(row) ?? ''
      if (seen.has(key)) dropped[block]?.add(row)
      else seen.add(key)
    }
  }
  let places: Place[] = []
  let last: bigint | undefined
  blocks.forEach((block, index) => {
    const time = bigintOf(block, 'time')
    for (let row = 0; row < block.rows; row++) {
      const at = time(row)
      if (at !== last) {
        settle(places)
        places = []
        last = at
      }
      places.push({ block: index, row })
    }
  })
  settle(places)
  return blocks.map(({ rows }, index) => keptRows(rows, dropped[index] ?? new Set()))
}

function keyOf(block: Block, plan: LinePlan): Reader<string> {
  const stream = bigintOf(block, 'stream')
  const text = plan.lines === 'text' ? textOf(block, 'body') : bigintOf(block, 'body_hash')
  return (row) => `${String(stream(row))} ${String(text(row))}`
}

function keptRows(rows: number, dropped: ReadonlySet<number>): Uint32Array | undefined {
  if (dropped.size === 0) return undefined
  const kept = new Uint32Array(rows - dropped.size)
  let count = 0
  for (let row = 0; row < rows; row++) if (!dropped.has(row)) kept[count++] = row
  return kept
}
