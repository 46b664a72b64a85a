import { describe, expect, it } from 'vitest'
import { prometheusReceiverConfigSchema } from './index.ts'

describe('prometheusReceiverConfigSchema', () => {
  it('needs little', () => {
    const config = prometheusReceiverConfigSchema.parse({ jobs: [{ job: 'node', targets: ['localhost:9100'] }] })
    expect(config.jobs[0]).toMatchObject({
      targets: [{ targets: ['localhost:9100'], labels: {} }],
      interval: 15_000,
      timeout: 10_000,
      path: '/metrics',
      scheme: 'http',
      honorLabels: false,
      honorTimestamps: true,
    })
  })

  it('shortens the default timeout to the interval', () => {
    expect(prometheusReceiverConfigSchema.parse({ jobs: [{ job: 'a', interval: '5s' }] }).jobs[0]?.timeout).toBe(5_000)
  })

  it.each([
    [{ job: '' }, 'jobs.0.job'],
    [{ job: 'a', targets: ['http://a:1'] }, 'jobs.0.targets.0'],
    [{ job: 'a', targets: [{ targets: ['a:1'], labels: { cluster: 'x' } }] }, 'jobs.0.targets.0.labels.cluster'],
    [{ job: 'a', interval: '5s', timeout: '6s' }, 'jobs.0.timeout'],
    [{ job: 'a', interval: '0s' }, 'jobs.0.interval'],
    [{ job: 'a', interval: 15 }, 'jobs.0.interval'],
    [{ job: 'a', bearerToken: 'literal' }, 'jobs.0.bearerToken'],
    [
      { job: 'a', bearerToken: { env: 'A' }, basicAuth: { username: 'a', password: { env: 'A' } } },
      'jobs.0.bearerToken',
    ],
    [{ job: 'a', tls: { certFile: 'x' } }, 'jobs.0.tls'],
    [{ job: 'a', relabel: [{ targetLabel: 'a', regex: '(' }] }, 'jobs.0.relabel.0.regex'],
    [{ job: 'a', scrape_interval: '5s' }, 'jobs.0'],
  ])('refuses %j at %s', (job, path) => {
    const result = prometheusReceiverConfigSchema.safeParse({ jobs: [job] })
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toContain(path)
  })

  it('refuses two jobs of one name', () => {
    const result = prometheusReceiverConfigSchema.safeParse({ jobs: [{ job: 'a' }, { job: 'a' }] })
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual(['jobs.1.job'])
  })
})
