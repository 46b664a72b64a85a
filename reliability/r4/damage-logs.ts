import { messageOf } from '../../src/core/index.ts'
import { FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES } from '../../src/queue/format.ts'
import { appendText, openTestLog, readTexts, segmentPaths } from '../../src/queue/testing/log-kit.ts'
import { MemoryFileSystem } from '../../src/queue/testing/memory-file-system.ts'
import type { Result } from '../experiment.ts'

const RECORDS = 12
const LAST = 3
const FAILURES_KEPT = 20

/** A log in one segment, and where its records lie: record `n` is the bytes `offsets[n]` to `offsets[n + 1]`. */
interface Written {
  readonly fs: MemoryFileSystem
  readonly bytes: Buffer
  readonly texts: readonly string[]
  readonly offsets: readonly number[]
}

interface Damage {
  readonly what: string
  readonly bytes: Buffer
  /** The first byte that is not as it was, and the first behind it that is again. */
  readonly from: number
  readonly to: number
}

/** Damages logs in memory at each byte of their last three records, in turn by each kind, until there were `count`. */
export async function damageLogs(count: number): Promise<Result> {
  const totals = { acknowledged: 0, present: 0, lost: 0, doubled: 0 }
  const failures: string[] = []
  const kinds = new Map<string, number>()
  let done = 0
  while (done < count) {
    const written = await writeLog()
    for (let at = written.offsets[RECORDS - LAST] ?? 0; at < written.bytes.length && done < count; at++) {
      for (const damage of damagesAt(written, at)) {
        kinds.set(damage.what, (kinds.get(damage.what) ?? 0) + 1)
        done++
        const where = `${damage.what} at byte ${at} of ${written.bytes.length}`
        try {
          await openDamaged(written, damage, where, totals, failures)
        } catch (reason) {
          failures.push(`${where}: ${messageOf(reason)}`)
        }
      }
    }
  }
  return {
    ...totals,
    failures: failures.slice(0, FAILURES_KEPT),
    details: { damages: done, ...Object.fromEntries(kinds) },
  }
}

async function writeLog(): Promise<Written> {
  const fs = new MemoryFileSystem({ random: Math.random })
  const log = await openTestLog(fs, { segmentBytes: 25_000 })
  const texts = Array.from({ length: RECORDS }, (_, i) => `${i}`.padEnd(Math.ceil(Math.random() * 120), 'abcdefg'))
  const offsets = [SEGMENT_HEADER_BYTES]
  for (const text of texts) {
    await appendText(log, text)
    offsets.push((offsets.at(-1) ?? 0) + FRAME_HEADER_BYTES + text.length)
  }
  await log.close()
  return { fs, bytes: fs.peek((await segmentPaths(fs))[0] ?? ''), texts, offsets }
}

function damagesAt({ bytes }: Written, at: number): readonly Damage[] {
  const flipped = Buffer.from(bytes)
  flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
  const zeroed = Buffer.from(bytes).fill(0, at, Math.min(bytes.length, at + 512))
  const copied = Buffer.from(bytes)
  copied.copyWithin(at, SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES + 64)
  return [
    { what: 'truncated', bytes: bytes.subarray(0, at), from: at, to: Infinity },
    { what: 'bit_flipped', bytes: flipped, from: at, to: at + 1 },
    { what: 'zeroed_512', bytes: zeroed, from: at, to: at + 512 },
    { what: 'block_repeated', bytes: copied, from: at, to: at + 64 },
  ]
}

type Totals = Record<'acknowledged' | 'present' | 'lost' | 'doubled', number>

/** Opens, reads, appends, opens again: all but what was hit is there once, and stays. */
async function openDamaged(
  { fs: disk, texts, offsets, bytes }: Written,
  damage: Damage,
  where: string,
  totals: Totals,
  failures: string[],
): Promise<void> {
  const fs = disk.afterKill({ random: Math.random })
  fs.poke((await segmentPaths(fs))[0] ?? '', damage.bytes)
  const isHit = (record: number): boolean => {
    const [from, to] = [offsets[record] ?? 0, offsets[record + 1] ?? 0]
    if (from >= damage.to || to <= damage.from) return false
    return !bytes.subarray(from, to).equals(damage.bytes.subarray(from, to))
  }
  const kept = texts.map((text, record) => ({ text: `${record}=${text}`, hit: isHit(record) }))
  const log = await openTestLog(fs, { segmentBytes: 25_000 })
  const { damagedRecords, tornBytes } = log.stats()
  const lastHit = kept.at(-1)?.hit === true
  if (damage.what === 'bit_flipped' && damagedRecords !== (lastHit ? 0 : 1))
    failures.push(`${where}: counted ${damagedRecords}`)
  if (damage.what === 'truncated' && tornBytes > 0 === offsets.includes(damage.from))
    failures.push(`${where}: torn ${tornBytes}`)
  const next = await appendText(log, 'next')
  if (next < texts.length - LAST) failures.push(`${where}: the next record got sequence ${next}`)
  await log.close()
  const again = await openTestLog(fs, { segmentBytes: 25_000 })
  const found = (await readTexts(fs, again)).texts
  await again.close()

  const expected = [...kept.filter(({ hit }) => !hit).map(({ text }) => text), `${next}=next`]
  const times = new Map<string, number>()
  for (const text of found) times.set(text, (times.get(text) ?? 0) + 1)
  totals.acknowledged += expected.length
  totals.present += times.size
  const lost = expected.filter((text) => !times.has(text)).length
  const doubled = [...times.values()].filter((count) => count > 1).length
  totals.lost += lost
  totals.doubled += doubled
  const strangers = [...times.keys()].filter((text) => !expected.includes(text)).length
  if (lost + doubled + strangers > 0)
    failures.push(`${where}: lost ${lost}, doubled ${doubled}, of damaged ones ${strangers}`)
}
