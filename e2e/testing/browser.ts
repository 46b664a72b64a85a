import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const PLACES = [
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The browser of this machine: CHROMIUM_PATH, else a Chromium or Chrome at its usual names and places. */
export function findChromium(): string | undefined {
  const chosen = process.env['CHROMIUM_PATH']
  if (chosen !== undefined && chosen !== '') return chosen
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '')
  const named = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
  return [...named, ...PLACES].find((file) => existsSync(file))
}

/** Whether the browser's tests must run here: FLEETGLASS_TEST_REQUIRE is a list with `browser` in it. */
export function isBrowserRequired(): boolean {
  return (process.env['FLEETGLASS_TEST_REQUIRE'] ?? '').split(',').some((word) => word.trim() === 'browser')
}

/** Starts it without a window, with a temporary profile, and asking nothing of the network by itself. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      // A test talks to its own hub only, and containers often lack what the sandbox needs.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
