/** Where a node begins in the template, in UTF-16 units, and how it is written, for messages. */
interface Node {
  readonly at: number
  readonly text: string
}

export type Operand =
  | (Node & { readonly kind: 'literal'; readonly value: string | number | bigint | boolean | undefined })
  /** A number that may be what the place asks for: `3` is an integer or a float. */
  | (Node & { readonly kind: 'number'; readonly float: number; readonly integer: bigint | undefined })
  | (Node & { readonly kind: 'dot' })
  /** `.a.b`. */
  | (Node & { readonly kind: 'field'; readonly path: readonly string[] })
  /** `$x.a`. */
  | (Node & { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] })
  /** `(…).a`. */
  | (Node & { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly path: readonly string[] })
  | (Node & { readonly kind: 'function'; readonly name: string })

/** A function or a value, and its arguments. */
export interface Command extends Node {
  readonly operands: readonly Operand[]
}

export interface Pipeline extends Node {
  readonly commands: readonly Command[]
  /** Of `$x := …` and `$i, $x := …`. */
  readonly variables: readonly string[]
  /** `=` changes a variable that there is. */
  readonly assigns: boolean
}

export type Action =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      readonly then: readonly Action[]
      readonly otherwise: readonly Action[]
    }
  | { readonly kind: 'break' | 'continue' }
