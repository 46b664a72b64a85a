/** A decimal number, `digits` × 10^-scale: sums and products of it are exact, as people expect of `0.1 + 0.2`. */
interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

/** Digits behind the point of a quotient. */
const DIVISION_SCALE = 16
/** More digits than a float has are not kept apart. */
const MAX_SCALE = 400

function toDecimal(value: number): Decimal | undefined {
  if (!Number.isFinite(value)) return undefined
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const scale = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

function toNumber({ digits, scale }: Decimal): number {
  return Number(`${digits.toString()}e-${String(scale)}`)
}

/** Folds the numbers from the left; what is not finite is calculated as floats are. */
export function foldDecimals(
  values: readonly number[],
  exact: (a: Decimal, b: Decimal) => Decimal,
  plain: (a: number, b: number) => number,
): number {
  const [first = 0, ...rest] = values
  let decimal = toDecimal(first)
  let float = first
  for (const value of rest) {
    const next = toDecimal(value)
    float = plain(float, value)
    decimal = decimal === undefined || next === undefined ? undefined : exact(decimal, next)
    if (decimal !== undefined && decimal.scale > MAX_SCALE) decimal = toDecimal(toNumber(decimal))
  }
  return decimal === undefined ? float : toNumber(decimal)
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { digits: scaled(a, scale) + scaled(b, scale), scale }
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { digits: -b.digits, scale: b.scale })
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale }
}

/** Rounded half away from zero behind the sixteenth digit; the divisor is not zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  const dividend = scaled(a, scale) * 10n ** BigInt(DIVISION_SCALE)
  const divisor = scaled(b, scale)
  const quotient = dividend / divisor
  const rest = dividend % divisor
  const away = 2n * (rest < 0n ? -rest : rest) >= (divisor < 0n ? -divisor : divisor)
  const step = dividend < 0n === divisor < 0n ? 1n : -1n
  return { digits: away ? quotient + step : quotient, scale: DIVISION_SCALE }
}

function scaled({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale)
}
