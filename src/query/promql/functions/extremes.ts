/** The lesser as Go finds it: minus infinity even beside NaN, which else wins. */
export function lesser(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b)
}

/** The greater as Go finds it: infinity even beside NaN, which else wins. */
export function greater(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b)
}
