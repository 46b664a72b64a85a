// Writes the JSON Schema of the fleet file to docs/schema/, from the built schema. Run it after changing the schema.
import { writeFileSync } from 'node:fs'
import { renderFleetJsonSchema } from '../dist/fleet/index.js'

const target = new URL('../docs/schema/fleet.schema.json', import.meta.url)
writeFileSync(target, renderFleetJsonSchema())
