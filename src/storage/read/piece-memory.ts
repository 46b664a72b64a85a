import { ChunkAnswer } from '../packed/chunk-answer.ts'
import { Unpacking } from '../packed/join-samples.ts'
import { AnswerMemory } from './sample-answer.ts'
import { SampleBuffers } from './series-runs.ts'

/** Where an answer of the engine is put. */
export interface AnswerPlace {
  readonly rows: AnswerMemory
  readonly chunks: ChunkAnswer
}

/** What reading samples needs of memory, piece by piece. */
export interface PieceMemory {
  /** Those that nobody looks at any more. */
  readonly places: AnswerPlace[]
  readonly buffers: SampleBuffers
  readonly unpacking: Unpacking
}

/** Kept for later queries of this thread: a few megabytes, of which new ones would cost the collector more than decoding does. */
const kept: PieceMemory[] = []
const MAX_KEPT = 2
const MAX_KEPT_BYTES = 24 * 1024 * 1024

export function takeMemory(): PieceMemory {
  return kept.pop() ?? { places: [], buffers: new SampleBuffers(), unpacking: new Unpacking() }
}

export function takePlace({ places }: PieceMemory): AnswerPlace {
  return places.pop() ?? { rows: new AnswerMemory(), chunks: new ChunkAnswer() }
}

/** Nobody may look at it, or write to it, any more. */
export function giveBackMemory(memory: PieceMemory): void {
  const { places, buffers, unpacking } = memory
  const answers = places.reduce((sum, { rows, chunks }) => sum + rows.bytes + chunks.bytes, 0)
  if (kept.length < MAX_KEPT && answers + buffers.bytes + unpacking.bytes <= MAX_KEPT_BYTES) kept.push(memory)
}
