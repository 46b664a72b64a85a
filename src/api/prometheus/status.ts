import type { ApiHandler } from '../handlers/handler.ts'
import { successResponse } from './json.ts'

/**
 * The version is that of Prometheus' API which this one follows: clients choose their calls by it. An empty map of
 * features says "Prometheus"; a filled one would make Grafana expect Mimir's ruler.
 */
export const buildInfo: ApiHandler = () =>
  successResponse(
    JSON.stringify({
      version: '3.5.0',
      revision: 'fleetglass',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
      features: {},
    }),
  )

/** Grafana probes this once; success with an empty list tells it that exemplars may be asked for. */
export const exemplars: ApiHandler = () => successResponse('[]')

export const rules: ApiHandler = () => successResponse('{"groups":[]}')

export const alerts: ApiHandler = () => successResponse('{"alerts":[]}')
