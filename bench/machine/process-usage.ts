import { readFileSync } from 'node:fs'

/** Of the kernel's clock, in which /proc counts processor time: 100 a second wherever Node runs. */
const TICKS_PER_SECOND = 100

/** CPU seconds of a process so far, with its finished threads. Reads /proc, so it runs on Linux. */
export function cpuSeconds(pid: number): number {
  // The name of the program stands in parentheses and may have blanks; utime and stime are the 12th and 13th behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

export function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  if (kibibytes === undefined) throw new Error(`no VmRSS of process ${pid}`)
  return Number(kibibytes) * 1_024
}

/** Processes that were started by this one, such as the engine of a hub. */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}
