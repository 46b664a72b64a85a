import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../core/index.ts'
import { DEV } from '../../../pipeline/ingest/testing/write-rig.ts'
import { type DocumentIds, openDocumentIds } from './document-ids.ts'
import { KeySet } from './key-set.ts'

let dir: string
let ids: DocumentIds
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'document-ids-'))
  ids = await openDocumentIds({ dir, log: silentLogger(), generationSize: 100 })
})
afterEach(async () => {
  await ids.close()
  await rm(dir, { recursive: true })
})

async function reopen(): Promise<void> {
  await ids.close()
  ids = await openDocumentIds({ dir, log: silentLogger(), generationSize: 100 })
}
const store = (...list: readonly string[]): Promise<void> =>
  ids.begin(DEV).stored(list.map((id) => ({ index: 'i', id })))
function isKnown(id: string, identity = DEV, index = 'i'): boolean {
  const claim = ids.begin(identity)
  const isHeld = claim.isHeld(index, id)
  claim.abandon()
  return isHeld
}

describe('DocumentIds', () => {
  it('knows what was stored, of the same sender and index only', async () => {
    await store('a', 'b')
    expect(['a', 'c', 'b'].map((id) => isKnown(id))).toEqual([true, false, true])
    expect(isKnown('a', { ...DEV, cluster: 'other' })).toBe(false)
    expect(isKnown('a', { ...DEV, tenant: 'other' })).toBe(false)
    expect(isKnown('a', DEV, 'j')).toBe(false)
  })

  it('lets one request at a time store a document, and another when the first one failed', async () => {
    const first = ids.begin(DEV)
    expect([first.isHeld('i', 'a'), first.isHeld('i', 'a'), first.isPending('i', 'a')]).toEqual([false, true, false])
    const other = ids.begin(DEV)
    expect([other.isHeld('i', 'a'), other.isPending('i', 'a')]).toEqual([true, true])
    first.abandon()
    expect(isKnown('a')).toBe(false)
    const third = ids.begin(DEV)
    third.isHeld('i', 'a')
    third.isHeld('i', 'refused')
    await third.stored([{ index: 'i', id: 'a' }])
    expect(['a', 'refused'].map((id) => isKnown(id))).toEqual([true, false])
  })

  it('remembers over a restart, also when the end was cut off', async () => {
    await store('a', 'b')
    await ids.close()
    await appendFile(path.join(dir, 'ids.0'), Buffer.from('abc'))
    ids = await openDocumentIds({ dir, log: silentLogger(), generationSize: 100 })
    await store('c')
    await reopen()
    expect(['a', 'b', 'c', 'd'].map((id) => isKnown(id))).toEqual([true, true, true, false])
  })

  it('forgets the older half, and is bounded', async () => {
    for (let i = 0; i < 1_000; i++) await store(String(i))
    const known = Array.from({ length: 1_000 }, (_, i) => isKnown(String(i)))
    expect(known.slice(-100)).not.toContain(false)
    expect(known.slice(0, 800)).not.toContain(true)
    expect(ids.size).toBeLessThanOrEqual(200)
    await reopen()
    expect(Array.from({ length: 1_000 }, (_, i) => isKnown(String(i)))).toEqual(known)
  })
})

describe('KeySet', () => {
  it('holds what was added, however many and however close', () => {
    const set = new KeySet()
    const key = (i: bigint): bigint => BigInt.asUintN(64, i * 0x9e3779b97f4a7c15n)
    for (let i = 1n; i <= 100_000n; i++) set.add(key(i))
    set.add(key(1n))
    expect(set.size).toBe(100_000)
    expect([1n, 100_000n, 100_001n, 1_000_000n].map((i) => set.has(key(i)))).toEqual([true, true, false, false])
    // Neighbours in one place stand behind each other.
    for (let i = 1n; i <= 50n; i++) set.add(i << 40n)
    expect([1n, 50n, 51n].map((i) => set.has(i << 40n))).toEqual([true, true, false])
  })
})
