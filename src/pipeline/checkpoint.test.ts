import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../core/index.ts'
import type { Batch, Checkpoint } from '../model/index.ts'
import { type DurableLog, openLog } from '../queue/index.ts'
import { encodeRecord, readNewestCheckpoints } from './index.ts'

const IDENTITY = { cluster: 'c', environment: 'e', region: 'r', clusterType: 'workload', tenant: 't' }

function batch(checkpoint?: Checkpoint): Batch {
  const base = {
    signal: 'logs',
    format: 'otlp',
    items: 1,
    identity: IDENTITY,
    collectedAtMs: 1,
    receivedAtMs: 1,
  } as const
  return { envelope: checkpoint === undefined ? base : { ...base, checkpoint }, payload: new Uint8Array(10) }
}

describe('readNewestCheckpoints', () => {
  let dir: string
  let log: DurableLog

  beforeEach(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'checkpoint-'))
    log = await openLog({ dir, maxBytes: 1 << 24, onFull: 'refuse', log: silentLogger() })
  })

  afterEach(async () => {
    await log.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('finds nothing in an empty log', async () => {
    expect(await readNewestCheckpoints({ dir, log })).toEqual(new Map())
  })

  it('finds the last one of each receiver among other records', async () => {
    for (let i = 0; i < 600; i++) {
      await log.append(encodeRecord(batch({ receiver: i % 2 === 0 ? 'a' : 'b', data: String(i) })))
    }
    await log.append(encodeRecord(batch()))
    await log.append([new Uint8Array([9, 9, 9])])
    expect(await readNewestCheckpoints({ dir, log })).toEqual(
      new Map([
        ['a', { receiver: 'a', data: '598' }],
        ['b', { receiver: 'b', data: '599' }],
      ]),
    )
  })
})
