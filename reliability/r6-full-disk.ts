import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { eventually, sleep } from '../e2e/testing/local-fleet.ts'
import { type Experiment, quantile, random, type Result } from './experiment.ts'
import { FleetRig } from './rig/fleet-rig.ts'
import { LoopDisk } from './rig/loop-disk.ts'
import { missingLoopDisk } from './rig/missing.ts'

export const experiment: Experiment = {
  id: 'R6',
  title: 'the disk of the hub is full at random moments, and space comes back',
  unit: 'times',
  size: 200,
  missing: missingLoopDisk,
  run,
}

const DISK_BYTES = 1024 ** 3
const CHUNK = Buffer.alloc(1 << 20, 1)
const RESUME_MS = 60_000
/** So long the little space that was left may last. */
const FULL_MS = 10_000

async function run({ size }: { readonly size: number }): Promise<Result> {
  let disk: LoopDisk | undefined
  const hubState = (dir: string): string => {
    disk = new LoopDisk(dir, DISK_BYTES)
    return path.join(disk.mount, 'hub')
  }
  const rig = await FleetRig.prepare({ hubState, edges: [{}] })
  if (disk === undefined) throw new Error('BUG: there is no disk')
  const filler = path.join(disk.mount, 'filler')
  const failures: string[] = []
  try {
    await rig.startAll()
    rig.produce()
    const [, direct] = rig.producers
    if (direct === undefined) throw new Error('BUG: there is no producer')
    const hub = rig.hub.pid
    const resumeMs: number[] = []
    let refusing = 0
    for (let time = 0; time < size; time++) {
      await sleep(random(0, 500))
      fill(filler, Math.floor(random(0, 256 * 1_024)))
      const before = direct.refusals
      await eventually(
        () => Promise.resolve(direct.refusals),
        (now) => now > before,
        FULL_MS,
      ).catch(() => undefined)
      if (direct.refusals > before) refusing++
      await sleep(random(0, 1_000))
      rmSync(filler)
      const freedAt = performance.now()
      const acknowledged = direct.acknowledged.size
      await eventually(
        () => Promise.resolve(direct.acknowledged.size),
        (now) => now > acknowledged,
        RESUME_MS,
      ).catch(() =>
        failures.push(`time ${time}: nothing is taken ${RESUME_MS / 1_000} s after the disk has space again`),
      )
      resumeMs.push(performance.now() - freedAt)
      if (failures.length > 3) break
    }
    if (rig.hub.pid !== hub || !rig.hub.isRunning) failures.push('the hub died')
    if (refusing === 0) failures.push('nothing was ever refused: the disk was never full')
    const details = {
      times: size,
      refused_in: refusing,
      resume_p50_ms: quantile(resumeMs, 0.5),
      resume_p99_ms: quantile(resumeMs, 0.99),
      statuses: [...direct.statuses].map(([status, count]) => `${status}: ${count}`).join(' '),
    }
    const result = await rig.reconcile()
    return { ...result, failures: [...result.failures, ...failures], details }
  } finally {
    await rig.stopPrograms()
    await disk.dispose()
    await rig.dispose()
  }
}

/** Takes all space but so many bytes. */
function fill(file: string, leftBytes: number): void {
  const fd = openSync(file, 'w')
  let bytes = 0
  try {
    for (;;) bytes += writeSync(fd, CHUNK)
  } catch {
    // Full. The last chunk was cut, or not taken at all.
    ftruncateSync(fd, Math.max(0, bytes - leftBytes))
  } finally {
    closeSync(fd)
  }
}
