import { toJsonSchema } from '../config/index.ts'
import { fleetSchema } from './fleet-schema.ts'

/** The JSON Schema of the fleet file, as text, for editors. `docs/schema/fleet.schema.json` is a copy of it. */
export function renderFleetJsonSchema(): string {
  const { $schema, ...rest } = toJsonSchema(fleetSchema)
  return `${JSON.stringify({ $schema, title: 'Fleetglass fleet file', ...rest }, null, 2)}\n`
}
