// Preloaded by a test: makes the engine's binary look absent, as on a platform it is not built for.
import { register } from 'node:module'

register(
  `data:text/javascript,${encodeURIComponent(`
    export function resolve(specifier, context, next) {
      if (specifier !== 'chdb') return next(specifier, context)
      throw Object.assign(new Error("Cannot find package 'chdb'"), { code: 'ERR_MODULE_NOT_FOUND' })
    }`)}`,
)
