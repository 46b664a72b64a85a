import { greater, lesser } from './extremes.ts'
import { type PromqlFunction, sampleFunction } from './function.ts'

const DEGREES = 180 / Math.PI

/** To the nearest multiple; halves go up. Multiplying by the inverse keeps round(x, 0.1) exact where it can be. */
function round(value: number, to: number): number {
  const inverse = 1 / to
  return Math.floor(value * inverse + 0.5) / inverse
}

function clamp(value: number, min: number, max: number): number | undefined {
  if (max < min) return undefined
  return greater(min, lesser(max, value))
}

/** Functions of one value each. */
export const mathFunctions: Readonly<Record<string, PromqlFunction>> = {
  abs: sampleFunction(Math.abs),
  ceil: sampleFunction(Math.ceil),
  floor: sampleFunction(Math.floor),
  exp: sampleFunction(Math.exp),
  ln: sampleFunction(Math.log),
  log2: sampleFunction(Math.log2),
  log10: sampleFunction(Math.log10),
  sqrt: sampleFunction(Math.sqrt),
  sgn: sampleFunction((value) => (value < 0 ? -1 : value > 0 ? 1 : value)),
  round: {
    ...sampleFunction((value, [to = 1]) => round(value, to), 1),
    variadic: 1,
  },
  clamp: sampleFunction((value, [min = NaN, max = NaN]) => clamp(value, min, max), 2),
  clamp_min: sampleFunction((value, [min = NaN]) => greater(value, min), 1),
  clamp_max: sampleFunction((value, [max = NaN]) => lesser(value, max), 1),
  sin: sampleFunction(Math.sin),
  cos: sampleFunction(Math.cos),
  tan: sampleFunction(Math.tan),
  asin: sampleFunction(Math.asin),
  acos: sampleFunction(Math.acos),
  atan: sampleFunction(Math.atan),
  sinh: sampleFunction(Math.sinh),
  cosh: sampleFunction(Math.cosh),
  tanh: sampleFunction(Math.tanh),
  asinh: sampleFunction(Math.asinh),
  acosh: sampleFunction(Math.acosh),
  atanh: sampleFunction(Math.atanh),
  deg: sampleFunction((value) => value * DEGREES),
  rad: sampleFunction((value) => value / DEGREES),
}
