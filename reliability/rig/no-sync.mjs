// Loaded with `--import`: syncing files does nothing any more, so that a power cut must lose data. Control runs use it.
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

const dir = mkdtempSync(path.join(tmpdir(), 'no-sync-'))
const handle = await open(path.join(dir, 'file'), 'w')
const prototype = Object.getPrototypeOf(handle)
await handle.close()
rmSync(dir, { recursive: true })
prototype.datasync = () => Promise.resolve()
prototype.sync = () => Promise.resolve()
