import { toDigits } from '../format/quantity.ts'
import { scaleFor, type Unit } from '../format/units.ts'
import { partsOf, toTimeOfDay, type Zone } from '../format/zone.ts'

/** Round values from `min` to `max`, 3 to 6 of them, in 1, 2, 5 × 10ⁿ of the unit in which they are written. */
export function valueTicks(min: number, max: number, unit: Unit, count = 5): readonly number[] {
  if (!(max > min)) return [min]
  const { divisor } = scaleFor(Math.max(Math.abs(min), Math.abs(max)), unit)
  const step = roundStep((max - min) / divisor / count) * divisor
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step)
}

function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw))
  const lead = raw / power
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10)
}

/** All in the unit of the largest, with the same number of decimals: `0`, `500 ms`, `1.00 s` are not mixed. */
export function labelTicks(ticks: readonly number[], unit: Unit): readonly string[] {
  const largest = Math.max(0, ...ticks.map(Math.abs))
  const { divisor, unit: word } = scaleFor(largest, unit)
  const decimals = Math.max(0, ...ticks.map((tick) => decimalsOf(tick / divisor)))
  return ticks.map((tick) => {
    const scaled = tick / divisor
    if (Math.abs(scaled) < 1e-12) return '0'
    const digits = Math.abs(scaled) >= 1_000 ? toDigits(scaled) : scaled.toFixed(decimals).replace('-', '−')
    return word === '' ? digits : `${digits} ${word}`
  })
}

function decimalsOf(value: number): number {
  for (let decimals = 0; decimals < 6; decimals += 1)
    if (Math.abs(value * 10 ** decimals - Math.round(value * 10 ** decimals)) < 1e-6) return decimals
  return 6
}

const TIME_STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
] as const

/** Round times in seconds since the epoch, at least `spacePx` apart, on the clock of the zone. */
export function timeTicks(fromS: number, toS: number, widthPx: number, zone: Zone, spacePx = 90): readonly number[] {
  if (!(toS > fromS) || widthPx <= 0) return []
  const least = ((toS - fromS) / widthPx) * spacePx
  const step = TIME_STEPS_S.find((one) => one >= least) ?? Math.ceil(least / 604_800) * 604_800
  const offset = zone === 'utc' ? 0 : -new Date(fromS * 1_000).getTimezoneOffset() * 60
  const first = Math.ceil((fromS + offset) / step) * step - offset
  return Array.from({ length: Math.max(0, Math.floor((toS - first) / step) + 1) }, (_, index) => first + index * step)
}

/** `02:20`, with seconds when they are closer than a minute, the day at midnight or when they are days apart. */
export function labelTimes(ticks: readonly number[], zone: Zone): readonly string[] {
  const step = (ticks[1] ?? 0) - (ticks[0] ?? 0)
  return ticks.map((tick) => {
    const atMs = tick * 1_000
    const { month, day, hour, minute } = partsOf(atMs, zone)
    if (step >= 86_400 || (hour === 0 && minute === 0 && step >= 60)) return `${day} ${MONTHS[month - 1] ?? ''}`
    return toTimeOfDay(atMs, zone, step > 0 && step < 60 ? 'second' : 'minute')
  })
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
