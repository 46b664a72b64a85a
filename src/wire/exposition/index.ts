export { ExpositionError } from './exposition-error.ts'
export { type ExpositionFormat, expositionFormatOf } from './format.ts'
export {
  type ExpositionEntry,
  type ExpositionExemplar,
  type ExpositionOptions,
  ExpositionParser,
} from './parser.ts'
export { validateOpenMetrics } from './validate.ts'
