import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError, systemCode } from '../../../core/index.ts'

const MAX_ALTERNATIVES = 256
const MAX_DEPTH = 32

/** `any` is `**`: zero or more segments. */
type Segment =
  | { readonly t: 'name'; readonly name: string }
  | { readonly t: 'wild'; readonly pattern: string }
  | { readonly t: 'any' }

export type Glob = readonly Segment[]

/** Compiles globs of absolute paths, braces expanded. Throws AppError `invalid`. */
export function compileGlobs(texts: readonly string[]): readonly Glob[] {
  return texts.flatMap((text) => expandBraces(text).map(compile))
}

/** Whether the absolute path matches one of the globs. */
export function matchesAny(globs: readonly Glob[], file: string): boolean {
  const segments = segmentsOf(file)
  return globs.some((glob) => matchFrom(glob, 0, segments, 0))
}

/**
 * The paths that match, each once, in no order; symbolic links are followed, but not below `**` (they may go round).
 * Directories that cannot be read are given to `onError`; those that are missing are no error.
 */
export async function findFiles(
  globs: readonly Glob[],
  onError: (dir: string, reason: unknown) => void,
): Promise<Set<string>> {
  const found = new Set<string>()
  const walk = new Walk(found, onError)
  for (const glob of globs) await walk.descend('/', glob, 0, 0)
  return found
}

class Walk {
  readonly #found: Set<string>
  readonly #onError: (dir: string, reason: unknown) => void

  constructor(found: Set<string>, onError: (dir: string, reason: unknown) => void) {
    this.#found = found
    this.#onError = onError
  }

  async descend(dir: string, glob: Glob, at: number, depth: number): Promise<void> {
    const segment = glob[at]
    if (segment === undefined || depth > MAX_DEPTH) return
    const last = at === glob.length - 1
    if (segment.t === 'name') {
      const next = path.join(dir, segment.name)
      if (!last) await this.descend(next, glob, at + 1, depth + 1)
      else if (await this.#exists(next)) this.#found.add(next)
      return
    }
    if (segment.t === 'any') await this.descend(dir, glob, at + 1, depth)
    for (const entry of await this.#list(dir)) {
      const next = path.join(dir, entry.name)
      if (segment.t === 'any') {
        if (entry.isDirectory()) await this.descend(next, glob, at, depth + 1)
        else if (last) this.#found.add(next)
      } else if (matchWild(segment.pattern, entry.name)) {
        if (last) this.#found.add(next)
        else if (entry.isDirectory() || entry.isSymbolicLink()) await this.descend(next, glob, at + 1, depth + 1)
      }
    }
  }

  async #list(dir: string): ReturnType<typeof listDir> {
    try {
      return await listDir(dir)
    } catch (reason) {
      this.#report(dir, reason)
      return []
    }
  }

  async #exists(file: string): Promise<boolean> {
    try {
      await stat(file)
      return true
    } catch (reason) {
      this.#report(file, reason)
      return false
    }
  }

  #report(dir: string, reason: unknown): void {
    const code = systemCode(reason)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#onError(dir, reason)
  }
}

function listDir(dir: string) {
  return readdir(dir, { withFileTypes: true })
}

function compile(text: string): Glob {
  return segmentsOf(text).map((segment) => {
    if (segment === '**') return { t: 'any' }
    return segment.includes('*') || segment.includes('?')
      ? { t: 'wild', pattern: segment }
      : { t: 'name', name: segment }
  })
}

function segmentsOf(file: string): readonly string[] {
  return file.split('/').filter((segment) => segment !== '')
}

function matchFrom(glob: Glob, at: number, names: readonly string[], from: number): boolean {
  const segment = glob[at]
  if (segment === undefined) return from === names.length
  if (segment.t === 'any') {
    for (let skip = from; skip <= names.length; skip++) {
      if (matchFrom(glob, at + 1, names, skip)) return true
    }
    // `**` as the last segment stands for files at any depth.
    return at === glob.length - 1
  }
  const name = names[from]
  if (name === undefined) return false
  const fits = segment.t === 'name' ? segment.name === name : matchWild(segment.pattern, name)
  return fits && matchFrom(glob, at + 1, names, from + 1)
}

/**
 * `*` stands for any characters, `?` for one; a leading dot must be written out. On a mismatch only the last star is
 * tried again, so the time is at most length × length, whatever the pattern.
 */
function matchWild(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false
  let p = 0
  let n = 0
  let star = -1
  let afterStar = 0
  while (n < name.length) {
    const symbol = pattern[p]
    if (symbol === '*') {
      star = p++
      afterStar = n
    } else if (symbol !== undefined && (symbol === '?' || symbol === name[n])) {
      p += 1
      n += 1
    } else if (star >= 0) {
      p = star + 1
      n = ++afterStar
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}

/** `a{b,c}d` → `abd`, `acd`; nested braces too. */
function expandBraces(text: string): readonly string[] {
  const open = text.indexOf('{')
  if (open < 0) return [text]
  const { parts, end } = splitBraces(text, open)
  const rest = expandBraces(text.slice(end + 1))
  const all = parts.flatMap((part) =>
    expandBraces(part).flatMap((middle) => rest.map((tail) => text.slice(0, open) + middle + tail)),
  )
  if (all.length > MAX_ALTERNATIVES)
    throw new AppError('invalid', `glob ${text}: more than ${String(MAX_ALTERNATIVES)} alternatives`)
  return all
}

function splitBraces(text: string, open: number): { readonly parts: readonly string[]; readonly end: number } {
  const parts: string[] = []
  let depth = 0
  let from = open + 1
  for (let i = open; i < text.length; i++) {
    const symbol = text[i]
    if (symbol === '{') depth += 1
    else if (symbol === '}') {
      depth -= 1
      if (depth === 0) return { parts: [...parts, text.slice(from, i)], end: i }
    } else if (symbol === ',' && depth === 1) {
      parts.push(text.slice(from, i))
      from = i + 1
    }
  }
  throw new AppError('invalid', `glob ${text}: a brace is not closed`)
}
