import { RANGE_OPERATIONS, type RangeOperation, VECTOR_OPERATIONS, type VectorOperation } from '../ast.ts'

/** Operations by what their tokens are called. */
export const RANGE_KINDS: ReadonlyMap<string, RangeOperation> = new Map(
  RANGE_OPERATIONS.map((name) => [name.toUpperCase(), name]),
)
export const VECTOR_KINDS: ReadonlyMap<string, VectorOperation> = new Map(
  VECTOR_OPERATIONS.map((name) => [name.toUpperCase(), name]),
)
