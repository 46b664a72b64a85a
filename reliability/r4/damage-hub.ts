import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sleep } from '../../e2e/testing/local-fleet.ts'
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  FRAME_HEADER_BYTES,
  frameSeed,
  SEGMENT_HEADER_BYTES,
} from '../../src/queue/format.ts'
import type { Result } from '../experiment.ts'
import { FleetRig } from '../rig/fleet-rig.ts'
import { childrenOf } from '../rig/program.ts'

/**
 * Kills a hub whose log holds what the engine does not have yet, flips a byte in one of the last three records of the
 * log, and starts it. Only the items of that record may be missing.
 */
export async function damageHub(count: number): Promise<Result> {
  const rig = await FleetRig.start({ edges: [{}] })
  try {
    rig.produce()
    const damaged = new Set<string>()
    for (let round = 0; round < count; round++) {
      await sleep(500)
      for (const engine of childrenOf(rig.hub.pid)) process.kill(engine, 'SIGSTOP')
      await sleep(300)
      for (const engine of childrenOf(rig.hub.pid)) process.kill(engine, 'SIGKILL')
      await rig.hub.kill()
      for (const id of damageLastSegment(path.join(rig.hubState, 'log', 'segments'))) damaged.add(id)
      await rig.hub.start()
    }
    await Promise.all(rig.producers.map((producer) => producer.stop()))
    for (const { acknowledged } of rig.producers) for (const id of damaged) acknowledged.delete(id)
    const result = await rig.reconcile()
    return { ...result, details: { hubs_damaged: count, items_in_damaged_records: damaged.size } }
  } finally {
    await rig.dispose()
  }
}

/** Returns the items that were in the record. */
function damageLastSegment(directory: string): readonly string[] {
  const file = path.join(directory, readdirSync(directory).sort().at(-1) ?? '')
  const bytes = readFileSync(file)
  const header = decodeSegmentHeader(bytes)
  if (header === undefined) throw new Error(`${file} has no header`)
  const frames: { readonly from: number; readonly to: number }[] = []
  for (let at = SEGMENT_HEADER_BYTES; at + FRAME_HEADER_BYTES <= bytes.length; ) {
    const frame = decodeFrameHeader(bytes.subarray(at), frameSeed(header.epoch))
    if (frame === undefined) break
    frames.push({ from: at, to: at + FRAME_HEADER_BYTES + frame.length })
    at += FRAME_HEADER_BYTES + frame.length
  }
  const last = frames.slice(-3)
  const hit = last[Math.floor(Math.random() * last.length)]
  if (hit === undefined) return []
  const at = hit.from + Math.floor(Math.random() * (hit.to - hit.from))
  const items = bytes.toString('latin1', hit.from, hit.to).match(/(?:edge|direct)-\d+-\d+/g) ?? []
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  writeFileSync(file, bytes)
  return items
}
