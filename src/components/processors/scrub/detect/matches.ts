/** What was found in one text: which detector, from where to where. Reused from text to text. */
export class Matches {
  length = 0
  readonly detectors: number[] = []
  readonly starts: number[] = []
  readonly ends: number[] = []

  add(detector: number, start: number, end: number): void {
    this.detectors[this.length] = detector
    this.starts[this.length] = start
    this.ends[this.length] = end
    this.length += 1
  }

  clear(): void {
    this.length = 0
  }
}
