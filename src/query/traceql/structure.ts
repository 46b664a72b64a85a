import type { StructuralOperator } from './ast.ts'
import type { SpanPlace } from './trace-tree.ts'

/**
 * The spans of the right side that stand in the relation to one of the left; with `!`, to none of the left; with `&`,
 * the spans of both sides that stand in it. In the order of the right side, then of the left.
 */
export function relate(
  operator: StructuralOperator,
  left: readonly SpanPlace[],
  right: readonly SpanPlace[],
): readonly SpanPlace[] {
  const find = finderOf(operator.replace(/^[!&]/, ''))
  if (operator.startsWith('&')) {
    const back = finderOf(INVERSE[operator.slice(1)] ?? '')
    const fromLeft = back(right)
    const fromRight = find(left)
    return [...new Set([...right.filter(fromRight), ...left.filter(fromLeft)])]
  }
  const isRelated = find(left)
  const wanted = !operator.startsWith('!')
  return right.filter((place) => isRelated(place) === wanted)
}

const INVERSE: Readonly<Record<string, string>> = { '>': '<', '>>': '<<', '<': '>', '<<': '>>', '~': '~' }

/** For the spans of one side, tells whether a span of the other stands in the relation to one of them. */
function finderOf(relation: string): (side: readonly SpanPlace[]) => (place: SpanPlace) => boolean {
  switch (relation) {
    case '>':
      return (parents) => {
        const lefts = new Set(parents.filter(isPlaced).map(({ left }) => left))
        return (child) => lefts.has(child.nestedParent)
      }
    case '<':
      return (children) => {
        const parents = new Set(children.map(({ nestedParent }) => nestedParent))
        return (parent) => isPlaced(parent) && parents.has(parent.left)
      }
    case '>>':
      return hasAncestorIn
    case '<<':
      return hasDescendantIn
    default:
      return hasSiblingIn
  }
}

function isPlaced({ left }: SpanPlace): boolean {
  return left !== 0
}

/** Nested sets overlap only by one lying in the other: sorted by left, the widest so far decides. */
function hasAncestorIn(side: readonly SpanPlace[]): (place: SpanPlace) => boolean {
  const sorted = side.filter(isPlaced).sort((a, b) => a.left - b.left)
  const farthest: number[] = []
  for (const { right } of sorted) farthest.push(Math.max(right, farthest.at(-1) ?? 0))
  return (place) => {
    if (!isPlaced(place)) return false
    const before = countBelow(sorted, place.left)
    return before > 0 && (farthest[before - 1] ?? 0) > place.right
  }
}

function hasDescendantIn(side: readonly SpanPlace[]): (place: SpanPlace) => boolean {
  const sorted = side.filter(isPlaced).sort((a, b) => a.left - b.left)
  return (place) => {
    if (!isPlaced(place)) return false
    const next = sorted[countBelow(sorted, place.left + 1)]
    return next !== undefined && next.left < place.right
  }
}

/** How many spans have a left number below this one. */
function countBelow(sorted: readonly SpanPlace[], left: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.left ?? 0) < left) low = middle + 1
    else high = middle
  }
  return low
}

/** A span is no sibling of itself. Roots are siblings of one another. */
function hasSiblingIn(side: readonly SpanPlace[]): (place: SpanPlace) => boolean {
  const byParent = new Map<number, SpanPlace[]>()
  for (const place of side) {
    const siblings = byParent.get(place.nestedParent)
    if (siblings === undefined) byParent.set(place.nestedParent, [place])
    else siblings.push(place)
  }
  return (place) => {
    if (place.nestedParent === 0) return false
    const siblings = byParent.get(place.nestedParent) ?? []
    return siblings.length > 1 || (siblings[0] !== undefined && siblings[0] !== place)
  }
}
