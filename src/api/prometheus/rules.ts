import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { successResponse } from './json.ts'
import { integerOf, invalidParameter, matcherSets, numberProblem } from './params.ts'

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
    throw invalidParameter('exclude_alerts', `error converting exclude_alerts: ${message}`)
  }
  checkPage(params)
  matcherSets(params)
  return successResponse('{"groups":[]}')
}

/** Without groups there is no page but the first. */
function checkPage(params: Params): void {
  const limit = params.get('group_limit')
  const token = params.get('group_next_token')
  if (limit === '' && token !== '') {
    const message = 'group_limit needs to be present in order to paginate over the groups'
    throw invalidParameter('group_next_token', message)
  }
  if (limit === '') return
  const number = integerOf(limit)
  if (number === undefined) {
    const message = `group_limit needs to be a valid number: strconv.ParseInt: ${numberProblem(limit)}`
    throw invalidParameter('group_limit', message)
  }
  if (number <= 0) throw invalidParameter('group_limit', 'group_limit needs to be greater than 0')
  if (token === '') return
  throw invalidParameter('group_next_token', `invalid group_next_token '${token}'. were rule groups changed?`)
}

/** `/api/v1/alerts`. */
export const alerts: ApiHandler = () => successResponse('{"alerts":[]}')

/** `/api/v1/alertmanagers`. */
export const alertmanagers: ApiHandler = () => successResponse('{"activeAlertmanagers":[],"droppedAlertmanagers":[]}')
