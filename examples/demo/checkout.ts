import { metrics } from '@opentelemetry/api'
import { logLine } from './log.ts'
import type { Customer } from './people.ts'
import { createService, sleep, SpanStatusCode } from './service.ts'

/**
 * Takes an order's payment. The fraud check runs on the inference service of ANOTHER cluster, so that its traces cross
 * clusters.
 */
const service = createService('checkout')
const fraudUrl = process.env['FRAUD_URL'] ?? 'http://127.0.0.1:35003'

const meter = metrics.getMeter('checkout')
const amounts = meter.createHistogram('shop.order.amount', { unit: '{USD}', description: 'Amount of an order.' })
const outcomes = meter.createCounter('shop.payments', { unit: '{payment}', description: 'Payments, by outcome.' })

service.listen([
  {
    method: 'POST',
    path: /^\/checkout$/,
    name: '/checkout',
    handle: async ({ body }) => {
      const { product, customer } = JSON.parse(body) as { product: string; customer: Customer }
      const amount = Math.round(500 + Math.random() * 20_000) / 100

      const verdict = await service.call('POST', `${fraudUrl}/v1/fraud`, { product, amount })
      if (verdict.status !== 200) {
        logLine('warn', `fraud check failed with ${String(verdict.status)}, order taken without it`, { product })
      }
      const paid = await pay(customer, amount)
      outcomes.add(1, { outcome: paid ? 'captured' : 'declined' })
      if (!paid) return { status: 402, body: { state: 'declined' } }
      amounts.record(amount, { product })
      return { status: 200, body: { state: 'paid', amount } }
    },
  },
])

/** One payment in so many is declined. */
const DECLINES_EVERY = 12
let payments = 0

function pay(customer: Customer, amount: number): Promise<boolean> {
  return service.tracer.startActiveSpan('capture payment', async (span) => {
    span.setAttribute('payment.provider', 'demo-pay')
    try {
      // The payment provider has its bad moments too.
      await sleep(Math.random() < 0.02 ? 1_200 : 20 + Math.random() * 60)
      payments += 1
      if (payments % DECLINES_EVERY === 0) {
        logLine('error', `error: payment declined for card ${customer.card}, SSN ${customer.ssn}`, { amount })
        span.setStatus({ code: SpanStatusCode.ERROR, message: 'declined by the provider' })
        return false
      }
      logLine('info', `payment of ${amount.toFixed(2)} USD captured, receipt sent to ${customer.email}`, { amount })
      return true
    } finally {
      span.end()
    }
  })
}
