import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { AppError, systemCode } from '../core/index.ts'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

const COMPRESSIBLE: ReadonlySet<string> = new Set(['.css', '.html', '.js', '.json', '.map', '.svg', '.txt'])

/** Vite puts a hash of the content into the names in this folder, so a name never gets another content. */
const HASHED_FOLDER = '/assets/'

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface StaticFile {
  readonly headers: Readonly<Record<string, string>>
  read(): Promise<Buffer>
  /** Packed as small as it gets, once; undefined for what does not get smaller. */
  readonly readGzip: (() => Promise<Buffer>) | undefined
}

/** The files of the console by the path under which a browser asks for them. */
export interface StaticFiles {
  file(path: string): StaticFile | undefined
  /** The page that shows every address of the console; undefined when the console is not built. */
  readonly page: StaticFile | undefined
}

/**
 * Lists the folder. A request is answered only by a look-up of its path in that list, so no path can lead out of the
 * folder. A folder that is absent is an empty one. When a listed file turns out to be gone, the folder was built again: the
 * request fails with `not_found`, and the next ones see what is there now.
 */
export async function listStaticFiles(folder: string): Promise<StaticFiles> {
  let listed = await list()
  let listing: Promise<void> | undefined

  async function list(): Promise<ReadonlyMap<string, StaticFile>> {
    const files = new Map<string, StaticFile>()
    for (const path of await filesBelow(folder)) {
      const address = `/${relative(folder, path).split(sep).join('/')}`
      const read = (): Promise<Buffer> => readListed(path, address)
      const readGzip = COMPRESSIBLE.has(extname(address)) ? packedOnce(read) : undefined
      files.set(address, { headers: headersOf(address), read, readGzip })
    }
    const page = files.get('/index.html')
    if (page !== undefined) files.set('/', page)
    return files
  }

  async function readListed(path: string, address: string): Promise<Buffer> {
    try {
      return await readFile(path)
    } catch (reason) {
      if (systemCode(reason) !== 'ENOENT') throw reason
      listing ??= list().then((files) => {
        // A folder that is just being built is no console yet.
        if (files.has('/index.html')) listed = files
        listing = undefined
      })
      await listing
      throw new AppError('not_found', `${address} is gone: the console was built again; load the page again`)
    }
  }

  return {
    file: (path) => listed.get(path),
    get page() {
      return listed.get('/index.html')
    },
  }
}

function packedOnce(read: () => Promise<Buffer>): () => Promise<Buffer> {
  let packed: Promise<Buffer> | undefined
  return () => (packed ??= read().then((bytes) => promisify(gzip)(bytes, { level: 9 })))
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT') return []
    throw reason
  }
}

function headersOf(address: string): Readonly<Record<string, string>> {
  const extension = extname(address)
  const hashed = address.startsWith(HASHED_FOLDER)
  return {
    'content-type': CONTENT_TYPES[extension] ?? 'application/octet-stream',
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(extension === '.html' ? { 'content-security-policy': CONTENT_SECURITY_POLICY } : {}),
  }
}
