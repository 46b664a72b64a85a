import { Buffer } from 'node:buffer'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../core/index.ts'
import { openCursor } from './cursor.ts'
import { type LogGap, openLogReader } from './log-reader.ts'
import { openLog } from './open-log.ts'
import { buildProgram, runUntilKilled } from './testing/kill-rig.ts'

/** FLEETGLASS_KILLS makes the long form. */
const KILLS = Number(process.env['FLEETGLASS_KILLS'] ?? 8)

/** Sequence ↔ id, from whoever saw them; a contradiction is a record that was doubled or replaced. */
class Sightings {
  readonly #ids = new Map<number, string>()
  readonly #sequences = new Map<string, number>()
  readonly contradictions: string[] = []

  add(sequence: number, id: string): void {
    const known = this.#ids.get(sequence) ?? id
    const at = this.#sequences.get(id) ?? sequence
    if (known !== id || at !== sequence) this.contradictions.push(`${String(sequence)}=${id}, ${String(at)}=${known}`)
    this.#ids.set(sequence, id)
    this.#sequences.set(id, sequence)
  }
}

describe('a log whose process is killed again and again', () => {
  it('keeps every acknowledged record once, across writer, reader thread and restarts', { timeout: 1e6 }, async () => {
    // Below node_modules, so that the program finds its dependencies.
    mkdirSync('node_modules/.cache', { recursive: true })
    const directory = mkdtempSync(join('node_modules', '.cache', 'log-kill-'))
    try {
      const program = buildProgram(directory)
      const dir = join(directory, 'log')
      const seen = new Sightings()
      const acknowledged = new Set<string>()
      const read = new Set<string>()
      const gaps: string[] = []
      for (let kill = 0; kill < KILLS; kill += 1) {
        for (const line of await runUntilKilled(program, [dir, String(kill)], 20 + Math.random() * 200)) {
          const [what, sequence = '', id = ''] = line.split(' ')
          if (what === 'gap') gaps.push(line)
          if (what !== 'ack' && what !== 'read') continue
          seen.add(Number(sequence), id)
          if (what === 'ack') acknowledged.add(id)
          else read.add(id)
        }
      }

      const log = await openLog({ dir, log: silentLogger(), maxBytes: 16e6, onFull: 'refuse' })
      const from = (await openCursor({ dir, name: 'store', initial: log.firstSequence })).position
      const onGap = ({ from: first, reason }: LogGap): void => {
        if (reason !== 'skipped') gaps.push(`gap ${String(first)} ${reason}`)
      }
      const reader = await openLogReader({ dir, durable: log.durable, from, onGap })
      const { signal } = new AbortController()
      while (reader.position < log.durableEnd) {
        for (const record of await reader.next({ maxRecords: 100, maxBytes: 1e6, waitMs: 0, signal })) {
          const [id = ''] = Buffer.from(record.bytes).toString().split(' ')
          seen.add(record.sequence, id)
          read.add(id)
        }
      }
      await reader.close()
      await log.close()

      expect(acknowledged.size).toBeGreaterThan(KILLS * 20)
      expect([...acknowledged].filter((id) => !read.has(id))).toEqual([])
      expect(seen.contradictions).toEqual([])
      expect(gaps).toEqual([])
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
