import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { crossClusterApplications } from './cross-cluster-applications.ts'
import { edgeHealth } from './edge-health.ts'
import { environmentComparison } from './environment-comparison.ts'
import { federationOverview } from './federation-overview.ts'
import { gpuHealth } from './gpu-health.ts'
import { hubHealth } from './hub-health.ts'
import { kubernetesResources } from './kubernetes-resources.ts'
import { logErrors } from './log-errors.ts'
import { logSearch } from './log-search.ts'
import { logsOverview } from './logs-overview.ts'
import { modelInference } from './model-inference.ts'
import { multiClusterOverview } from './multi-cluster-overview.ts'
import { podLogs } from './pod-logs.ts'
import { sreOperations } from './sre-operations.ts'
import { trafficByDomain } from './traffic-by-domain.ts'

export type { Dashboard }

/** The dashboards that come with Fleetglass, in Grafana's JSON. Each has a uid of its own that never changes. */
export const SHIPPED_DASHBOARDS: readonly Dashboard[] = [
  federationOverview,
  multiClusterOverview,
  environmentComparison,
  crossClusterApplications,
  modelInference,
  gpuHealth,
  kubernetesResources,
  sreOperations,
  logsOverview,
  podLogs,
  logErrors,
  logSearch,
  hubHealth,
  edgeHealth,
  trafficByDomain,
]
