import { Hash64 } from '../write/hash64.ts'

const hash = new Hash64()

/** Thirty-two bits of a hash of a metric's name. It is stored, so it must never change. */
export function metricHash(name: string): number {
  hash.start()
  hash.text(name)
  hash.finish()
  return hash.low >>> 0
}
