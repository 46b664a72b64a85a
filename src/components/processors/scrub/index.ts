export { createScrubMeters, type DropReason, type ScrubMeters } from './meters.ts'
export { createScrub, readScrubKey, type Scrub, type ScrubParts } from './scrub.ts'
