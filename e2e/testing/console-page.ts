import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** Opens pages of the console and remembers what they complain about. */
export class ConsolePages {
  /** Script errors, errors and warnings on the console, violations of the content security policy. */
  complaints: string[] = []
  readonly #browser: Browser
  readonly #url: string
  readonly #pages: Page[] = []

  constructor(browser: Browser, url: string) {
    this.#browser = browser
    this.#url = url
  }

  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.#browser.newPage({
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
      ...options,
    })
    this.#pages.push(page)
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        throw new Error(`content security policy: ${violatedDirective} ${blockedURI}`)
      })
    })
    await page.goto(this.#url + path)
    return page
  }

  /** Closes all pages; returns what they complained about. */
  async close(): Promise<readonly string[]> {
    const found = this.complaints
    this.complaints = []
    await Promise.all(this.#pages.splice(0).map((page) => page.close()))
    return found
  }
}
