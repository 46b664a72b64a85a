const STAR = 0x2a
const SHOWN = 4
/** Of what is shorter, four characters would be most of it. */
const LEAST = 8

/** Stars in the place of all letters and digits but the last four; what stands between them stays. */
export function maskText(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let count = 0
  for (let i = start; i < end; i++) if (isCounted(bytes[i] ?? 0)) count += 1
  let hidden = count < LEAST ? count : count - SHOWN
  const masked = new Uint8Array(end - start)
  let length = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0
    if (isCounted(byte) && hidden > 0) {
      hidden -= 1
      masked[length++] = STAR
      // A longer character becomes one star.
      while (i + 1 < end && isContinuation(bytes[i + 1] ?? 0)) i += 1
    } else {
      masked[length++] = byte
    }
  }
  return masked.subarray(0, length)
}

function isCounted(byte: number): boolean {
  if (byte >= 0x80) return !isContinuation(byte)
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}
