import type { ApiHandler } from '../handlers/handler.ts'
import { jsonResponse } from '../messages.ts'

/** The version is that of Loki's API which this one follows: clients choose their calls by it. */
export const buildInfo: ApiHandler = () =>
  jsonResponse(
    JSON.stringify({
      version: '3.5.0',
      revision: 'fleetglass',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
    }),
  )
