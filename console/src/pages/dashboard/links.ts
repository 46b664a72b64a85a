import type { FieldConfig } from '../../grafana/fields/config.ts'
import { type LinkPlace, type LinkSubject, linksIn } from '../../grafana/links.ts'

export type LinkContext = LinkPlace

/** Where a press on a value leads: the first of its field's links. */
export function linkOf(config: FieldConfig, context: LinkContext, subject: LinkSubject): string | undefined {
  return linksIn(config, context, subject)[0]?.url
}
