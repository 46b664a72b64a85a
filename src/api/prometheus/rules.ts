import { AppError } from '../../core/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { successResponse } from './json.ts'
import { integerOf, invalidParameter, matcherSets } from './params.ts'

/** `/api/v1/rules`: the hub evaluates no rules, so there are no groups; what asks wrongly hears so all the same. */
export const rules: ApiHandler = (request) => {
  const params = new Params(request)
  const type = params.get('type').toLowerCase()
  if (!['', 'alert', 'record'].includes(type)) {
    throw invalidParameter('type', `not supported value ${JSON.stringify(params.get('type'))}`)
  }
  const exclude = params.get('exclude_alerts')
  if (!/^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False|)$/.test(exclude)) {
    const message = `strconv.ParseBool: parsing ${JSON.stringify(exclude)}: invalid syntax`
    throw new AppError('invalid', `error converting exclude_alerts: ${message}`)
  }
  const limit = params.get('group_limit')
  if (limit !== '' && (integerOf(limit) ?? 0) <= 0) {
    throw invalidParameter('group_limit', 'group_limit needs to be a valid number greater than 0')
  }
  matcherSets(params)
  return successResponse('{"groups":[]}')
}

/** `/api/v1/alerts`. */
export const alerts: ApiHandler = () => successResponse('{"alerts":[]}')

/** `/api/v1/alertmanagers`. */
export const alertmanagers: ApiHandler = () => successResponse('{"activeAlertmanagers":[],"droppedAlertmanagers":[]}')
