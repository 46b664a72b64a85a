import { CHOSEN } from './kit/index.ts'

/** How many alerts fire, by labels; one number without. */
export function alertsFiring(by: string): string {
  const firing = `ALERTS{alertstate="firing", ${CHOSEN}}`
  return by === '' ? `count(${firing})` : `count by (${by}) (${firing})`
}
