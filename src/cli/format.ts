/** Numbers as people read them in a terminal: at most three significant digits, the unit behind a space. */

export function formatRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.05) return '<0.1/s'
  const [value, prefix] = scale(perSecond, 1_000, ['', 'k', 'M', 'G'])
  return prefix === '' ? `${trim(value.toFixed(value < 10 ? 1 : 0))}/s` : `${digits(value)} ${prefix}/s`
}

/** In powers of 1024. */
export function formatBytes(bytes: number): string {
  const [value, unit] = scale(bytes, 1_024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
  return `${digits(value)} ${unit}`
}

/** `38 ms`, `1.84 s`, `6 min 12 s`, `2 h 29 min`, `19 d`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${ms.toFixed(0)} ms`
  if (ms < 60_000) return `${digits(ms / 1_000)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.floor(minutes / 1_440)} d`
}

function digits(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return trim(value >= 10 ? value.toFixed(1) : value.toFixed(2))
}

function trim(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function scale(value: number, base: number, units: readonly string[]): readonly [number, string] {
  let scaled = value
  let step = 0
  while (scaled >= base && step < units.length - 1) {
    scaled /= base
    step += 1
  }
  return [scaled, units[step] ?? '']
}
