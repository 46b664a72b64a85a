export { createInspector, type InspectedFind, type InspectedText, type Inspection } from './inspect.ts'
export { createScrubMeters, type DropReason, type ScrubMeters } from './meters.ts'
export { createScrub, readScrubKey, type Scrub, type ScrubParts } from './scrub.ts'
