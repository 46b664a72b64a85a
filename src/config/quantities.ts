import { z } from 'zod'

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}
// As Prometheus writes them: units from long to short, each at most once.
const DURATION = /^(?=\d)(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/
const DURATION_ORDER = ['y', 'w', 'd', 'h', 'm', 's', 'ms']

/** Milliseconds of `30d`, `15s`, `1h30m`, `500ms`; undefined if the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  return DURATION_ORDER.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * (DURATION_UNITS_MS[unit] ?? 0), 0)
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}
const BYTE_SIZE = /^(\d+(?:\.\d+)?)(B|[KMGT]i?B)$/

/** Bytes of `10GiB`, `512MiB`, `1.5GB`; undefined if the text is no size. */
export function parseByteSize(text: string): number | undefined {
  const match = BYTE_SIZE.exec(text)
  if (match === null) return undefined
  return Math.floor(Number(match[1]) * (BYTE_UNITS[match[2] ?? ''] ?? NaN))
}

/**
 * A duration in a file, milliseconds in the value. Give defaults as one writes them: `.prefault('15s')`.
 * A bare number is refused, because nobody can tell its unit.
 */
export const durationSchema = z
  .string({ error: 'expected a duration with its unit, such as 15s, 5m or 30d' })
  .regex(DURATION, 'expected a duration such as 500ms, 15s, 5m, 1h30m or 30d')
  .transform((text) => parseDuration(text) ?? 0)

/** A size in a file, bytes in the value. Give defaults as one writes them: `.prefault('10GiB')`. */
export const byteSizeSchema = z
  .string({ error: 'expected a size with its unit, such as 512MiB or 10GiB' })
  .regex(BYTE_SIZE, 'expected a size such as 64KiB, 512MiB, 10GiB or 1.5GB')
  .transform((text) => parseByteSize(text) ?? 0)
