import type { TraceSpan } from './span.ts'

/** A span in its place. */
export interface SpanNode {
  readonly span: TraceSpan
  readonly depth: number
  readonly parent: SpanNode | undefined
  readonly children: SpanNode[]
  /** ms since the trace began, corrected for its cluster's clock. */
  startMs: number
  endMs: number
  /** What is not spent in children, in ms. */
  selfMs: number
  /** The parts of it that decide how long the trace takes, as ms since its begin. */
  readonly critical: (readonly [number, number])[]
  /** How many nodes lie below. */
  descendants: number
}

/** One cluster whose clock runs ahead of the first one's, by so many ms. */
export interface ClockSkew {
  readonly cluster: string
  readonly aheadMs: number
  readonly spans: number
}

export interface TraceTree {
  /** Parents before children, children by their begin: the order of the waterfall. */
  readonly nodes: readonly SpanNode[]
  readonly byId: ReadonlyMap<string, SpanNode>
  /** ms since the epoch of the begin, as the first cluster's clock has it. */
  readonly originMs: number
  readonly durationMs: number
  readonly skews: readonly ClockSkew[]
  /** Spans whose parent is not in the answer. */
  readonly orphans: number
}

/** Children that begin or end this much outside their parent prove that clocks differ. */
const TOLERANCE_MS = 0.5

/** Puts spans into their tree. With `isCorrected`, clusters' clocks are made to agree where they cannot be right. */
export function buildTree(spans: readonly TraceSpan[], isCorrected: boolean): TraceTree {
  const byId = new Map<string, TraceSpan>(spans.map((span) => [span.id, span]))
  const skews = findSkews(spans, byId)
  const ahead = new Map(isCorrected ? skews.map(({ cluster, aheadMs }) => [cluster, aheadMs]) : [])
  const startOf = (span: TraceSpan): number => span.startMs - (ahead.get(span.cluster) ?? 0)
  const endOf = (span: TraceSpan): number => span.endMs - (ahead.get(span.cluster) ?? 0)

  const children = new Map<string, TraceSpan[]>()
  const roots: TraceSpan[] = []
  for (const span of spans) {
    if (span.parentId === undefined || !byId.has(span.parentId)) roots.push(span)
    else {
      const siblings = children.get(span.parentId)
      if (siblings === undefined) children.set(span.parentId, [span])
      else siblings.push(span)
    }
  }
  const byStart = (a: TraceSpan, b: TraceSpan): number => startOf(a) - startOf(b) || endOf(b) - endOf(a)
  const originMs = spans.reduce((least, span) => Math.min(least, startOf(span)), Number.POSITIVE_INFINITY)
  const nodes: SpanNode[] = []
  const nodesById = new Map<string, SpanNode>()
  const place = (root: TraceSpan): void => {
    // A stack instead of recursion: traces may be thousands of calls deep.
    const stack = [{ span: root, parent: undefined as SpanNode | undefined }]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { span, parent } = next
      if (nodesById.has(span.id)) continue
      const node: SpanNode = {
        span,
        parent,
        depth: parent === undefined ? 0 : parent.depth + 1,
        children: [],
        startMs: startOf(span) - originMs,
        endMs: endOf(span) - originMs,
        selfMs: 0,
        critical: [],
        descendants: 0,
      }
      parent?.children.push(node)
      nodes.push(node)
      nodesById.set(span.id, node)
      for (const child of (children.get(span.id) ?? []).sort(byStart).reverse())
        stack.push({ span: child, parent: node })
    }
  }
  for (const root of roots.sort(byStart)) place(root)
  // What no root leads to are spans that name each other as parents.
  for (const span of spans) if (!nodesById.has(span.id)) place(span)
  for (const node of nodes.toReversed()) {
    node.selfMs = selfTime(node)
    node.descendants = node.children.reduce((sum, child) => sum + 1 + child.descendants, 0)
  }
  markCriticalPath(nodes)
  const durationMs = nodes.reduce((most, { endMs }) => Math.max(most, endMs), 0)
  const orphans = spans.filter(({ parentId }) => parentId !== undefined && !byId.has(parentId)).length
  return { nodes, byId: nodesById, originMs: Number.isFinite(originMs) ? originMs : 0, durationMs, skews, orphans }
}

/** The time in which none of its children runs. */
function selfTime({ startMs, endMs, children }: SpanNode): number {
  let covered = 0
  let until = startMs
  for (const child of children) {
    const from = Math.max(child.startMs, until)
    const to = Math.min(child.endMs, endMs)
    if (to > from) {
      covered += to - from
      until = to
    }
  }
  return Math.max(0, endMs - startMs - covered)
}

/**
 * From the end of the trace backwards: what ended last was waited for; before it began, what had ended last before that;
 * and so on, in each of those likewise. What remains is the span's own.
 */
function markCriticalPath(nodes: readonly SpanNode[]): void {
  const last = nodes.filter(({ depth }) => depth === 0).sort((a, b) => b.endMs - a.endMs)[0]
  if (last === undefined) return
  const stack: { node: SpanNode; fromMs: number; toMs: number }[] = [
    { node: last, fromMs: last.startMs, toMs: last.endMs },
  ]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, fromMs, toMs } = next
    let at = toMs
    for (const child of [...node.children].sort((a, b) => b.endMs - a.endMs)) {
      const end = Math.min(child.endMs, at)
      const start = Math.max(child.startMs, fromMs)
      if (end <= start || child.startMs >= at) continue
      if (at > end) node.critical.push([end, at])
      stack.push({ node: child, fromMs: start, toMs: end })
      at = start
      if (at <= fromMs) break
    }
    if (at > fromMs) node.critical.push([fromMs, at])
  }
}

/**
 * How far each cluster's clock is ahead of the one where the trace began, told from calls between clusters: where an
 * answer lies outside of its question, the middle of both is taken to be the same moment.
 */
function findSkews(spans: readonly TraceSpan[], byId: ReadonlyMap<string, TraceSpan>): readonly ClockSkew[] {
  const pairs = new Map<
    string,
    { readonly from: string; readonly to: string; readonly offsets: number[]; isProven: boolean }
  >()
  for (const span of spans) {
    const parent = span.parentId === undefined ? undefined : byId.get(span.parentId)
    if (parent === undefined || parent.cluster === span.cluster || span.cluster === '' || parent.cluster === '')
      continue
    // What is sent and not waited for may well end after its sender.
    if (span.kind === 'consumer' || parent.kind === 'producer') continue
    const key = `${parent.cluster}\n${span.cluster}`
    const pair = pairs.get(key) ?? { from: parent.cluster, to: span.cluster, offsets: [], isProven: false }
    pair.offsets.push((span.startMs + span.endMs - parent.startMs - parent.endMs) / 2)
    pair.isProven ||= span.startMs < parent.startMs - TOLERANCE_MS || span.endMs > parent.endMs + TOLERANCE_MS
    pairs.set(key, pair)
  }
  const first = firstOf(spans)
  const ahead = new Map<string, number>(first === undefined ? [] : [[first.cluster, 0]])
  const queue = first === undefined ? [] : [first.cluster]
  for (let cluster = queue.shift(); cluster !== undefined; cluster = queue.shift()) {
    for (const { from, to, offsets, isProven } of pairs.values()) {
      const other = from === cluster ? to : to === cluster ? from : undefined
      if (other === undefined || ahead.has(other)) continue
      const offset = isProven ? median(offsets) : 0
      ahead.set(other, (ahead.get(cluster) ?? 0) + (from === cluster ? offset : -offset))
      queue.push(other)
    }
  }
  return [...ahead]
    .filter(([, aheadMs]) => Math.abs(aheadMs) > TOLERANCE_MS)
    .map(([cluster, aheadMs]) => ({ cluster, aheadMs, spans: spans.filter((span) => span.cluster === cluster).length }))
}

/** A root before others, an earlier before a later one. */
function firstOf(spans: readonly TraceSpan[]): TraceSpan | undefined {
  let first = spans[0]
  for (const span of spans) {
    if (first === undefined) return undefined
    const isRoot = span.parentId === undefined
    const isFirstRoot = first.parentId === undefined
    if (isRoot === isFirstRoot ? span.startMs < first.startMs : isRoot) first = span
  }
  return first
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** The rows that are in sight: nothing below what is folded. */
export function visibleNodes(nodes: readonly SpanNode[], folded: ReadonlySet<string>): readonly SpanNode[] {
  const shown: SpanNode[] = []
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index]
    if (node === undefined) break
    shown.push(node)
    if (folded.has(node.span.id)) index += node.descendants
  }
  return shown
}

export interface Operation {
  readonly service: string
  readonly name: string
  readonly count: number
  readonly errors: number
  readonly totalMs: number
  readonly selfMs: number
  readonly criticalMs: number
}

/** Where the time went: by service and operation, the greatest part of the critical path first. */
export function sumOperations(nodes: readonly SpanNode[]): readonly Operation[] {
  const operations = new Map<string, Operation>()
  for (const { span, startMs, endMs, selfMs, critical } of nodes) {
    const key = `${span.service}\n${span.name}`
    const before = operations.get(key)
    operations.set(key, {
      service: span.service,
      name: span.name,
      count: (before?.count ?? 0) + 1,
      errors: (before?.errors ?? 0) + Number(span.isError),
      totalMs: (before?.totalMs ?? 0) + endMs - startMs,
      selfMs: (before?.selfMs ?? 0) + selfMs,
      criticalMs: (before?.criticalMs ?? 0) + critical.reduce((sum, [from, to]) => sum + to - from, 0),
    })
  }
  return [...operations.values()].sort((a, b) => b.criticalMs - a.criticalMs || b.selfMs - a.selfMs)
}
