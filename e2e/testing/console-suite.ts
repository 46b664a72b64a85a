import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import { findChromium, isBrowserRequired, launchChromium } from './browser.ts'
import { ConsolePages } from './console-page.ts'
import { LocalFleet } from './local-fleet.ts'

const executable = findChromium()
const isSkipped = executable === undefined && !isBrowserRequired()

/** A fleet that runs, and its console in a browser; there while the tests of the suite run. */
export interface ConsoleSuite {
  readonly fleet: LocalFleet
  readonly pages: ConsolePages
  /** Called at the end, the last one first. */
  readonly atEnd: (end: () => Promise<void> | void) => void
}

export interface ConsoleSuiteOptions {
  /** With the demo services beside the fleet. */
  readonly demo?: true
  /** What the tests need before they begin. */
  readonly prepare?: (suite: ConsoleSuite) => Promise<void>
  readonly prepareMs?: number
  /** Complaints of the browser that are part of what is tested. */
  readonly expects?: (complaint: string) => boolean
}

/**
 * A suite that looks at the console of a fleet of its own in a real browser. After each test its pages are closed, and
 * it fails if any of them complained. Without a Chromium it is skipped, and says so.
 */
export function describeConsole(
  title: string,
  { demo, prepare, prepareMs = 240_000, expects }: ConsoleSuiteOptions,
  tests: (suite: ConsoleSuite) => void,
): void {
  describe.skipIf(isSkipped)(`${title}${isSkipped ? ' skipped: no Chromium found, set CHROMIUM_PATH' : ''}`, () => {
    let fleet: LocalFleet | undefined
    let pages: ConsolePages | undefined
    const ends: (() => Promise<void> | void)[] = []
    const suite: ConsoleSuite = {
      get fleet() {
        return started(fleet)
      },
      get pages() {
        return started(pages)
      },
      atEnd: (end) => ends.push(end),
    }

    beforeAll(async () => {
      if (executable === undefined) throw new Error('no Chromium found; set CHROMIUM_PATH')
      const browser = await launchChromium(executable)
      ends.push(() => browser.close())
      const created = await LocalFleet.create({ demo: demo === true })
      ends.push(() => created.dispose())
      await created.up()
      fleet = created
      pages = new ConsolePages(browser, created.url)
      await prepare?.(suite)
    }, prepareMs)

    afterAll(async () => {
      for (const end of ends.reverse()) await end()
    }, 60_000)

    afterEach(async () => {
      const complaints = (await pages?.close()) ?? []
      expect(complaints.filter((text) => expects?.(text) !== true)).toEqual([])
    })

    tests(suite)
  })
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the fleet of the suite is not there: ask for it within a test')
  return part
}
