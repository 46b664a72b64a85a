/** The two text expositions that Prometheus targets speak. */
export type ExpositionFormat = 'prometheus-text' | 'openmetrics-text'

const FORMAT_OF_MEDIA_TYPE: Readonly<Record<string, ExpositionFormat>> = {
  'text/plain': 'prometheus-text',
  'application/openmetrics-text': 'openmetrics-text',
}

/** The format that a `Content-Type` header names; undefined for an absent or foreign one. */
export function expositionFormatOf(contentType: string | undefined): ExpositionFormat | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return mediaType === undefined ? undefined : FORMAT_OF_MEDIA_TYPE[mediaType]
}
