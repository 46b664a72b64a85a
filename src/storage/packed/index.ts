export { createPacker } from './pack.ts'
export { mayBePacked, packedStretch } from './select-chunks.ts'
export { LATE_FOR_SLOT_MS, SLOT_MS } from './slots.ts'
