export { createPacker } from './pack.ts'
export { mayBePacked, packedStretch } from './select-chunks.ts'
export { SLOT_MS } from './slots.ts'
