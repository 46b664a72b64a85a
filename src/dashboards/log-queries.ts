import { CHOSEN } from './kit/index.ts'

/** All streams of the chosen clusters. */
export const ALL_LOGS = `{${CHOSEN}}`

/** Behind a selector: what its level calls an error. */
export const ERRORS = '| detected_level=~"error|fatal|critical"'
