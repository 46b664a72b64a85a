import type { ApiHandler } from '../handlers/handler.ts'
import { jsonResponse, textResponse } from '../messages.ts'

/** Grafana's check whether this is a Tempo. */
export const echo: ApiHandler = () => textResponse('echo')

export const ready: ApiHandler = () => textResponse('ready\n')

/** The version is that of Tempo's API which this one follows: clients choose their calls by it. */
export const buildInfo: ApiHandler = () =>
  jsonResponse(
    JSON.stringify({
      version: '2.8.0',
      revision: 'fleetglass',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
    }),
  )
