import { isJson, type Json, objectAt, objectsAt, textAt } from './json.ts'

/**
 * Panels of Grafana's library are kept there. A dashboard that was exported for sharing carries them with it, under `__elements`:
 * then they are put where they belong, and are panels like others from then on.
 */
export function withLibraryPanels(document: Json): Json {
  const models = modelsOf(document)
  if (models.size === 0) return document
  const inline = (panel: Json): Json => {
    const inner = objectsAt(panel, 'panels')
    if (inner.length > 0) return { ...panel, panels: inner.map(inline) }
    const model = isLibraryPanel(panel) ? models.get(textAt(objectAt(panel, 'libraryPanel'), 'uid') ?? '') : undefined
    if (model === undefined) return panel
    const own: Json = Object.fromEntries(Object.entries(panel).filter(([key]) => key !== 'libraryPanel'))
    return { ...model, ...own, title: titleOf(own) ?? titleOf(model) ?? '' }
  }
  return { ...document, panels: objectsAt(document, 'panels').map(inline) }
}

function titleOf(panel: Json): string | undefined {
  const title = textAt(panel, 'title')
  return title === '' ? undefined : title
}

/** A reference to the library, without what it refers to. */
export function isLibraryPanel(panel: Json): boolean {
  return isJson(panel['libraryPanel']) && !('targets' in panel)
}

export function libraryNameOf(panel: Json): string {
  const library = objectAt(panel, 'libraryPanel')
  return textAt(library, 'name') ?? textAt(library, 'uid') ?? ''
}

/** By uid; `__elements` is an object of them, or a list. */
function modelsOf(document: Json): ReadonlyMap<string, Json> {
  const elements = document['__elements']
  const list: readonly unknown[] = Array.isArray(elements) ? elements : isJson(elements) ? Object.values(elements) : []
  return new Map(
    list.filter(isJson).flatMap((element) => {
      const uid = textAt(element, 'uid')
      return uid === undefined || !isJson(element['model']) ? [] : [[uid, element['model']] as const]
    }),
  )
}
