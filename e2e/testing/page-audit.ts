import axe from 'axe-core'
import type { Page } from 'playwright-core'

/**
 * Without the size of targets (WCAG 2.2): rows of logs and spans are 20 and 18 px high, so that many are in sight, and
 * what a row's small buttons do can be done by keys.
 */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']

/**
 * What axe-core finds wrong with the page as it is shown: roles, names, contrast, order of headings, landmarks, targets.
 * One line for each rule, with the elements.
 */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  // By the debugger's protocol, which the security policy of the page does not hold back.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(
    (runOnly) => (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly, resultTypes: ['violations'] }),
    { type: 'tag' as const, values: RULES },
  )
  return violations.map(({ id, help, nodes }) => {
    const places = nodes
      .slice(0, 4)
      .map(({ target, failureSummary = '' }) => `${target.flat().join(' ')} ${failureSummary}`)
    return `${id} (${help}) ${String(nodes.length)} × ${places.join(' | ').replaceAll(/\s+/g, ' ')}`
  })
}

/** Begins to watch for content that moves by itself; to be called before the page is opened. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const found: { value: number; words: string }[] = []
    Object.assign(window, { shifts: found })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as readonly LayoutShift[]) {
        if (entry.hadRecentInput) continue
        const words = entry.sources.map(({ node, previousRect: was, currentRect: is }) => {
          const name = node instanceof Element ? `${node.tagName}.${node.getAttribute('class') ?? ''}` : 'text'
          return `${name} ${was.x},${was.y} ${was.width}×${was.height} → ${is.x},${is.y} ${is.width}×${is.height}`
        })
        found.push({ value: entry.value, words: words.join('; ') })
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

interface LayoutShift {
  readonly value: number
  readonly hadRecentInput: boolean
  readonly sources: readonly {
    readonly node: Node | null
    readonly previousRect: DOMRect
    readonly currentRect: DOMRect
  }[]
}

/** What has moved since the page was opened, without anybody's doing: how much of the view by how much of it, and what. */
export function readShifts(page: Page): Promise<readonly { readonly value: number; readonly words: string }[]> {
  return page.evaluate(() => (window as unknown as { shifts: { value: number; words: string }[] }).shifts)
}
