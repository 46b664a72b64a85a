/** The name as Prometheus allows it: what is no ASCII letter, digit or underscore becomes one; no digit at the front. */
export function sanitizeLabelName(name: string, first: boolean): string {
  const trimmed = name.trim()
  if (PLAIN.test(trimmed)) return first && isDigit(trimmed.charCodeAt(0)) ? `_${trimmed}` : trimmed
  const plain = trimmed.replace(/[^A-Za-z0-9_]/gu, '_')
  return first && isDigit(plain.charCodeAt(0)) ? `_${plain}` : plain
}

const PLAIN = /^[A-Za-z0-9_]*$/

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}

const MAX_NAMES = 10_000

/** Sanitizes names and remembers what came of them: lines have the same ones again and again. */
export function createNameCache(): (name: string, first: boolean) => string {
  const firsts = new Map<string, string>()
  const others = new Map<string, string>()
  return (name, first) => {
    const known = first ? firsts : others
    const found = known.get(name)
    if (found !== undefined) return found
    const sanitized = sanitizeLabelName(name, first)
    if (known.size < MAX_NAMES) known.set(name, sanitized)
    return sanitized
  }
}
