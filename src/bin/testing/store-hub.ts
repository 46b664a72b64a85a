import { createInlineRunner } from '../../api/handlers/index.ts'
import { createTestHub, type TestHub } from '../../api/testing/test-hub.ts'
import { AppError, type Clock } from '../../core/index.ts'
import type { Identity, Signal } from '../../model/index.ts'
import {
  createCardinalitySource,
  createExemplarSource,
  createLogSource,
  createMetricSource,
  createServiceSource,
  createTraceSource,
} from '../../storage/index.ts'
import { storeBatches } from '../../storage/testing/store-batches.ts'
import { startTestEngine, type TestEngine } from '../../storage/testing/test-engine.ts'
import { jsonToOtlp } from '../../wire/index.ts'

/** The hub's HTTP API over a real, empty store, with the callers of `createTestHub`. */
export interface StoreHub extends TestHub {
  readonly engine: TestEngine
  /** Stores an OTLP request, given as the object of its JSON, as having come from the tenant's cluster. */
  send(signal: Signal, request: unknown, tenant?: 'dev' | 'prd'): Promise<void>
  stop(): Promise<void>
}

/** The clock stands at `nowMs`. */
export async function startStoreHub(nowMs: number): Promise<StoreHub> {
  const engine = await startTestEngine()
  const { client } = engine
  const clock: Clock = { now: () => nowMs, sleep: () => Promise.resolve() }
  const logs = createLogSource(client)
  const sources = {
    metrics: createMetricSource(client),
    exemplars: createExemplarSource(client),
    cardinality: createCardinalitySource(client),
    logs,
    logVolumes: logs,
    traces: createTraceSource(client),
    services: createServiceSource(client, { clock }),
  }
  const faults: AppError[] = []
  const onFault = (error: AppError): void => {
    faults.push(error)
  }
  const hub = await createTestHub({ runner: createInlineRunner({ sources, clock, onFault }) })
  return {
    ...hub,
    engine,
    send: (signal, request, tenant = 'dev') => {
      const payload = jsonToOtlp(signal, JSON.stringify(request))
      const envelope = {
        signal,
        format: 'otlp' as const,
        items: 1,
        identity: identityOf(tenant),
        collectedAtMs: nowMs,
        receivedAtMs: nowMs,
      }
      return storeBatches(client, [{ envelope, payload }])
    },
    stop: async () => {
      await hub.app.close()
      await engine.stop()
      if (faults[0] !== undefined) throw AppError.from(faults[0], 'internal', 'a request failed by our own fault')
    },
  }
}

function identityOf(tenant: string): Identity {
  return { cluster: `${tenant}-uaenorth`, environment: tenant, region: 'uaenorth', clusterType: 'workload', tenant }
}
