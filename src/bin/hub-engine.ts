import path from 'node:path'
import { resolveSecret } from '../config/index.ts'
import { type Component, type Logger, type Metrics, systemClock, tellSupervisor } from '../core/index.ts'
import type { Fleet } from '../fleet/index.ts'
import { createEngineSupervisor, type StoreConnection } from '../storage/index.ts'

export interface HubEngine {
  readonly connection: StoreConnection
  /** What runs for it in this program; nothing for a ClickHouse server. */
  readonly components: readonly Component[]
}

const WATCH_MS = 250

/** The engine that the fleet file asks for: embedded, then it is started here; or a ClickHouse server. */
export async function startEngine(
  { hub }: Fleet,
  parts: { readonly stateDir: string; readonly log: Logger; readonly metrics: Metrics },
): Promise<HubEngine> {
  const { engine } = hub
  if (engine.kind === 'clickhouse') {
    const { url, database, username } = engine
    const password = engine.password === undefined ? undefined : await resolveSecret(engine.password, process.env)
    return {
      connection: {
        url,
        database,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      },
      components: [],
    }
  }
  const { log, metrics, stateDir } = parts
  const supervisor = createEngineSupervisor({
    dir: path.resolve(stateDir, engine.path),
    program: path.join(import.meta.dirname, 'engine.js'),
    log,
    metrics,
    clock: systemClock,
  })
  await supervisor.start(new AbortController().signal)
  const watching = setInterval(
    createProcessTeller(() => supervisor.pid),
    WATCH_MS,
  )
  return {
    connection: supervisor.connection,
    components: [
      {
        name: supervisor.name,
        start: () => Promise.resolve(),
        shutdown: async (signal) => {
          clearInterval(watching)
          await supervisor.shutdown(signal)
        },
      },
    ],
  }
}

/** Our supervisor, if we have one, shows the engine's process beside ours. */
function createProcessTeller(pidOf: () => number | undefined): () => void {
  let told: number | undefined
  return () => {
    const pid = pidOf()
    if (pid === undefined || pid === told) return
    told = pid
    tellSupervisor({ type: 'process', name: 'engine', pid })
  }
}
