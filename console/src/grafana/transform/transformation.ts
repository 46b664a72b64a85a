import type { Frame } from '../frame.ts'
import type { Json } from '../json.ts'

/** Frames to frames, as a panel's options say. */
export type Transformation = (frames: readonly Frame[], options: Json) => readonly Frame[]
