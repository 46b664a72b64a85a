/** How the map is seen: what is at `x` of the map is at `x * scale + left` of the page. */
export interface Viewport {
  readonly left: number
  readonly top: number
  readonly scale: number
}

interface Size {
  readonly width: number
  readonly height: number
}

const SCALES = { least: 0.08, most: 2.5 } as const
const MARGIN = 16

/** All of the map in sight, never larger than it was drawn; in the upper left where there is room. */
export function fitViewport(map: Size, page: Size): Viewport {
  const room = { width: page.width - MARGIN * 2, height: page.height - MARGIN * 2 }
  const scale = Math.min(1, room.width / Math.max(1, map.width), room.height / Math.max(1, map.height))
  return { left: MARGIN, top: MARGIN, scale: Math.max(SCALES.least, scale) }
}

/** Larger or smaller by a factor; the point of the page at `x`, `y` stays where it is. */
export function zoomViewport(viewport: Viewport, factor: number, x: number, y: number): Viewport {
  const scale = Math.min(SCALES.most, Math.max(SCALES.least, viewport.scale * factor))
  const ratio = scale / viewport.scale
  return { scale, left: x - (x - viewport.left) * ratio, top: y - (y - viewport.top) * ratio }
}

/** Moved by as little as brings this box of the map into sight. */
export function revealInViewport(
  viewport: Viewport,
  box: Size & { readonly x: number; readonly y: number },
  page: Size,
): Viewport {
  const shift = (from: number, length: number, room: number): number => {
    if (from < MARGIN) return MARGIN - from
    return from + length > room - MARGIN ? Math.max(MARGIN - from, room - MARGIN - from - length) : 0
  }
  const { left, top, scale } = viewport
  const x = shift(box.x * scale + left, box.width * scale, page.width)
  const y = shift(box.y * scale + top, box.height * scale, page.height)
  return x === 0 && y === 0 ? viewport : { ...viewport, left: left + x, top: top + y }
}
