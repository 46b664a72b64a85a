import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DASHBOARD_UID } from '../../contract/index.ts'
import { AppError, systemCode } from '../../core/index.ts'

/** A dashboard as it is kept: one file each, `<uid>.json`. */
const keptSchema = z.object({
  uid: z.string().regex(DASHBOARD_UID),
  version: z.number().int().positive(),
  updatedAtMs: z.number(),
  team: z.string(),
  tenants: z.union([z.literal('all'), z.array(z.string())]),
  /** In Grafana's JSON, unread: whoever shows it reads it. */
  dashboard: z.record(z.string(), z.unknown()),
})
export type Kept = z.infer<typeof keptSchema>

/** What is kept at most: a dashboard of 2 MiB has some thousand panels. */
const MOST_BYTES = 2 * 1_024 * 1_024
const MOST_DASHBOARDS = 500

export interface DashboardStore {
  readonly all: () => Promise<readonly Kept[]>
  readonly get: (uid: string) => Promise<Kept | undefined>
  /**
   * Keeps what `change` makes of what is there, once that is on disk. Changes of one store are made one after the other, so
   * `change` may compare versions. Throws `too_large` and `exhausted`, and what `change` throws.
   */
  readonly update: (uid: string, change: (current: Kept | undefined) => Kept | undefined) => Promise<void>
}

/** Dashboards in a folder of the hub's state. Nothing is read before somebody asks. */
export function createDashboardStore(dir: string): DashboardStore {
  let loaded: Promise<Map<string, Kept>> | undefined
  let last: Promise<unknown> = Promise.resolve()
  const load = (): Promise<Map<string, Kept>> => {
    loaded ??= readAll(dir).catch((reason: unknown) => {
      loaded = undefined
      throw reason
    })
    return loaded
  }
  const update: DashboardStore['update'] = async (uid, change) => {
    const kept = await load()
    const current = kept.get(uid)
    const next = change(current)
    if (next === undefined) {
      if (current === undefined) return
      await remove(dir, uid)
      kept.delete(uid)
      return
    }
    if (current === undefined && kept.size >= MOST_DASHBOARDS) {
      const message = `this hub keeps ${String(MOST_DASHBOARDS)} dashboards at most: remove one that nobody needs`
      throw new AppError('exhausted', message, { retryable: false })
    }
    await write(dir, next)
    kept.set(uid, next)
  }
  return {
    all: async () => [...(await load()).values()],
    get: async (uid) => (await load()).get(uid),
    update: async (uid, change) => {
      const turn = last.then(() => update(uid, change))
      last = turn.catch(() => undefined)
      await turn
    },
  }
}

async function readAll(dir: string): Promise<Map<string, Kept>> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const kept = new Map<string, Kept>()
  for (const name of await readdir(dir)) {
    if (!name.endsWith('.json')) continue
    const read = parse(await readFile(join(dir, name), 'utf8'))
    // A file that somebody spoiled by hand stays where it is and hides no other.
    if (read !== undefined && `${read.uid}.json` === name) kept.set(read.uid, read)
  }
  return kept
}

function parse(text: string): Kept | undefined {
  try {
    return keptSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Under another name first and synced, then renamed: a crash leaves the old one or the new one. */
async function write(dir: string, kept: Kept): Promise<void> {
  const text = JSON.stringify(kept)
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw new AppError('too_large', `a dashboard has ${String(MOST_BYTES)} bytes at most`)
  }
  const path = join(dir, `${kept.uid}.json`)
  try {
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    await syncDir(dir)
  } catch (reason) {
    throw failed(reason, `keep the dashboard '${kept.uid}'`)
  }
}

async function remove(dir: string, uid: string): Promise<void> {
  try {
    await unlink(join(dir, `${uid}.json`))
    await syncDir(dir)
  } catch (reason) {
    if (systemCode(reason) !== 'ENOENT') throw failed(reason, `remove the dashboard '${uid}'`)
  }
}

async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function failed(reason: unknown, doing: string): AppError {
  const isFull = systemCode(reason) === 'ENOSPC'
  return isFull
    ? new AppError('exhausted', `${doing}: the hub's disk is full`, { cause: reason })
    : AppError.from(reason, 'internal', doing)
}
