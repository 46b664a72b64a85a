import type { Page } from 'playwright-core'

export interface Frames {
  readonly perSecond: number
  /** The frame that 95 of 100 are not slower than, in milliseconds. */
  readonly p95Ms: number
}

// In the page, where there is no other language: the times between frames, from START to STOP.
const START = `window.benchFrames = []; window.benchStop = false;
(function frame(last) { requestAnimationFrame((now) => { if (window.benchStop) return;
  if (last > 0) window.benchFrames.push(now - last); frame(now) }) })(0)`
const STOP = 'window.benchStop = true; window.benchFrames'

/** How smooth the page stays while something is done to it. */
export async function measureFrames(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(START)
  await act()
  const times = await page.evaluate<number[]>(STOP)
  if (times.length < 10) throw new Error(`only ${times.length} frames were drawn`)
  const sorted = [...times].sort((a, b) => a - b)
  const total = times.reduce((sum, ms) => sum + ms, 0)
  return { perSecond: (times.length * 1_000) / total, p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN }
}
