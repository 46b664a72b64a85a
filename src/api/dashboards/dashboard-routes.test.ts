import { describe, expect, it } from 'vitest'
import { dashboardListSchema } from '../../contract/index.ts'
import { createTestHub } from '../testing/test-hub.ts'

describe('the dashboards', () => {
  it('are listed, and each is there by its uid', async () => {
    const { app, headers } = await createTestHub()
    const list = dashboardListSchema.parse(
      (await app.inject({ url: '/api/v1/dashboards', headers: headers('dev') })).json(),
    )
    expect(list.dashboards.length).toBeGreaterThanOrEqual(15)
    for (const { uid, title } of list.dashboards) {
      const response = await app.inject({ url: `/api/v1/dashboards/${uid}`, headers: headers('dev') })
      expect(response.statusCode, uid).toBe(200)
      expect(response.json()).toMatchObject({ uid, title })
    }
  })

  it('that are not there are a 404 that names them, and nobody without a token has any', async () => {
    const { app, headers } = await createTestHub()
    const response = await app.inject({ url: '/api/v1/dashboards/nothing', headers: headers('dev') })
    expect(response.statusCode).toBe(404)
    expect((await app.inject({ url: '/api/v1/dashboards' })).statusCode).toBe(401)
    expect(response.body).toContain("there is no dashboard with the uid 'nothing'")
  })
})
