/** A small generator of pseudo-random numbers (mulberry32), so that a failing round can be repeated by its number. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of the samples with one to four random changes: bits flipped, bytes set, cut off, taken out or doubled. */
export function mutateBytes(samples: readonly Uint8Array[], seed: number): Uint8Array {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  let bytes = Uint8Array.from(samples[below(samples.length)] ?? [])
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(bytes.length)
    const length = 1 + below(8)
    switch (below(5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
        break
      case 1:
        bytes[at] = below(256)
        break
      case 2:
        bytes = bytes.slice(0, at)
        break
      case 3:
        bytes = concat(bytes.subarray(0, at), bytes.subarray(at + length))
        break
      default:
        bytes = concat(bytes.subarray(0, at + length), bytes.subarray(at))
    }
  }
  return bytes
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
