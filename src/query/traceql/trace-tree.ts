import type { Span } from '../trace-source.ts'

/** What is known of a span by its place in the trace. */
export interface SpanPlace {
  readonly span: Span
  /** The span whose id is this one's parent id, if it is there. */
  readonly parent: SpanPlace | undefined
  /** Spans whose parent id is this one's id. */
  readonly childCount: number
  /**
   * Numbers of the nested set model: a span's descendants lie between its left and right. Spans that hang on no root
   * have 0 everywhere; a root's parent is -1, others' the left number of their parent.
   */
  readonly left: number
  readonly right: number
  readonly nestedParent: number
  readonly trace: TracePlace
}

/** One trace as far as it is in scope. */
export interface TracePlace {
  readonly traceId: string
  readonly spans: readonly SpanPlace[]
  /** Of the first root; '' without one. */
  readonly rootName: string
  readonly rootServiceName: string
  readonly startNs: bigint
  readonly endNs: bigint
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Arranges the spans of one trace; there must be one at least. Their order is kept. */
export function placeSpans(spans: readonly Span[]): TracePlace {
  const trace: Mutable<TracePlace> = {
    traceId: spans[0]?.traceId ?? '',
    spans: [],
    rootName: '',
    rootServiceName: '',
    startNs: spans[0]?.startNs ?? 0n,
    endNs: spans[0]?.endNs ?? 0n,
  }
  const places = spans.map((span): Mutable<SpanPlace> => {
    if (span.startNs < trace.startNs) trace.startNs = span.startNs
    if (span.endNs > trace.endNs) trace.endNs = span.endNs
    return { span, parent: undefined, childCount: 0, left: 0, right: 0, nestedParent: 0, trace }
  })
  trace.spans = places
  const roots = connect(places)
  number(roots)
  const root = roots.reduce<SpanPlace | undefined>(
    (first, { place }) => (first === undefined || place.span.startNs < first.span.startNs ? place : first),
    undefined,
  )
  if (root !== undefined) {
    trace.rootName = root.span.name
    const service = root.span.resource['service.name']
    trace.rootServiceName = service?.type === 'string' ? service.value : ''
  }
  return trace
}

interface Node {
  readonly place: Mutable<SpanPlace>
  readonly children: Node[]
}

/** Two spans may share an id (client and server of one call): children hang on the first that is not themselves. */
function connect(places: readonly Mutable<SpanPlace>[]): Node[] {
  const nodes = places.map((place): Node => ({ place, children: [] }))
  const byId = new Map<string, Node>()
  for (const node of nodes) if (!byId.has(node.place.span.spanId)) byId.set(node.place.span.spanId, node)
  const roots: Node[] = []
  for (const node of nodes) {
    const { parentSpanId } = node.place.span
    if (parentSpanId === '') {
      roots.push(node)
      continue
    }
    const parent = byId.get(parentSpanId)
    if (parent === undefined || parent === node) continue
    node.place.parent = parent.place
    parent.place.childCount += 1
    parent.children.push(node)
  }
  return roots
}

/** Without recursion: a trace can be as deep as it has spans. What hangs in a circle is never reached. */
function number(roots: readonly Node[]): void {
  let next = 1
  for (const root of roots) {
    root.place.nestedParent = -1
    const open: { readonly node: Node; child: number }[] = []
    const enter = (node: Node): void => {
      node.place.left = next++
      open.push({ node, child: 0 })
    }
    enter(root)
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const child = top.node.children[top.child]
      top.child += 1
      if (child === undefined) {
        top.node.place.right = next++
        open.pop()
      } else {
        child.place.nestedParent = top.node.place.left
        enter(child)
      }
    }
  }
}
