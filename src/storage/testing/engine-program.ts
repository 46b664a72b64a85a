import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'

const root = path.resolve(import.meta.dirname, '../../..')

/**
 * The engine's program built from the sources as they are now, so that tests run it whether or not, and whenever,
 * the package was built. Below node_modules, because it looks for its dependencies from where it lies.
 */
export async function buildEngineProgram(): Promise<{ readonly program: string; readonly remove: () => void }> {
  const cache = path.join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const outDir = mkdtempSync(path.join(cache, 'fleetglass-engine-'))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { ssr: path.join(root, 'src/bin/engine.ts'), outDir, target: 'node20', minify: false },
  })
  return {
    program: path.join(outDir, 'engine.js'),
    remove: () => {
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}
