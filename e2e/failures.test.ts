import { createServer } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalFleet } from './testing/local-fleet.ts'

describe('a fleet that can not start says why, once, and what to do', () => {
  let fleet: LocalFleet
  let dir: string

  beforeAll(async () => {
    fleet = await LocalFleet.create({ demo: false })
    dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-failures-'))
  })

  afterAll(async () => {
    await fleet.dispose()
    rmSync(dir, { recursive: true, force: true })
  })

  const up = (env: Readonly<Record<string, string>>, ...args: readonly string[]): ReturnType<LocalFleet['run']> =>
    fleet.runWith(env, 'up', '--no-demo', '--state', path.join(dir, 'state'), ...args)
  const fleetFile = (): string => path.join(fleet.dir, 'fleet.yaml')

  it('names every taken port and what it is for', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(fleet.hub.http, '127.0.0.1', resolve))
    const { code, stderr } = await up({}, '--fleet', fleetFile())
    server.close()
    expect(code).toBe(4)
    expect(stderr).toContain(`127.0.0.1:${fleet.hub.http} for hub, console and queries (taken by another program)`)
    expect(stderr).toContain('give other ports in the fleet file')
  })

  it('names every problem of a broken fleet file with its line', async () => {
    const file = path.join(dir, 'broken.yaml')
    writeFileSync(
      file,
      'fleet: x\nhub:\n  cluster: ops\n  lisen: {}\nclusters:\n  dev: { environmnt: dev, region: 3 }\n',
    )
    const { code, stderr } = await up({}, '--fleet', file)
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(4)
    expect(stderr).toContain('broken.yaml:4: hub.lisen: unknown key: did you mean listen?')
    expect(stderr).toContain('broken.yaml:6: clusters.dev.region')
  })

  it('says what to do where the engine has no binary', async () => {
    const hook = pathToFileURL(path.join(import.meta.dirname, 'testing/no-chdb.mjs')).href
    const { code, stderr } = await up({ NODE_OPTIONS: `--import=${hook}` }, '--fleet', fleetFile())
    expect(code).not.toBe(0)
    expect(stderr).toContain('The embedded engine (chDB) cannot be loaded')
    expect(stderr).toContain('engine: { kind: clickhouse, url:')
  })

  it('does not remove a directory that it did not make', async () => {
    const { code, stderr } = await fleet.run('up', '--no-demo', '--fleet', fleetFile(), '--state', fleet.dir, '--reset')
    expect(code).toBe(4)
    expect(stderr).toContain('was not made by fleetglass up')
  })

  it('says that there is no hub to ask', async () => {
    const { code, stderr } = await fleet.run('status', '--hub', fleet.url)
    expect(code).toBe(6)
    expect(stderr).toContain(`no hub listens at ${fleet.url}`)
  })
})
