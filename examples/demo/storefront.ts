import { Counter } from 'prom-client'
import { logLine } from './log.ts'
import { pick, randomCustomer } from './people.ts'
import { createService, sleep } from './service.ts'

/** The shop's front: serves pages, places orders at the checkout, and is its own light traffic. */
const service = createService('storefront')
const checkoutUrl = process.env['CHECKOUT_URL'] ?? 'http://127.0.0.1:15002'
const inferenceUrl = process.env['INFERENCE_URL'] ?? 'http://127.0.0.1:15003'
const self = `http://127.0.0.1:${process.env['PORT'] ?? '15001'}`

const orders = new Counter({
  name: 'shop_orders_total',
  help: 'Orders placed, by outcome.',
  labelNames: ['outcome'],
  registers: [service.registry],
})

const PRODUCTS = ['teapot', 'lantern', 'atlas', 'compass', 'kettle', 'hammock']

service.listen([
  {
    method: 'GET',
    path: /^\/product\/([a-z]+)$/,
    name: '/product/{name}',
    handle: async ({ params }) => {
      const name = params[0] ?? ''
      // Now and then a page is slow, as pages are.
      await sleep(Math.random() < 0.03 ? 600 + Math.random() * 900 : 5 + Math.random() * 25)
      const similar = await service.call('POST', `${inferenceUrl}/v1/recommend`, { product: name })
      logLine('info', 'product viewed', { product: name, recommendations: similar.status === 200 })
      return { status: 200, body: { name, similar: similar.body } }
    },
  },
  {
    method: 'POST',
    path: /^\/order$/,
    name: '/order',
    handle: async () => {
      const customer = randomCustomer()
      const product = pick(PRODUCTS)
      logLine('info', `order received from ${customer.name} <${customer.email}>, phone ${customer.phone}`, { product })
      const answer = await service.call('POST', `${checkoutUrl}/checkout`, { product, customer })
      if (answer.status === 200) {
        orders.inc({ outcome: 'placed' })
        return { status: 201, body: { product, state: 'placed' } }
      }
      orders.inc({ outcome: answer.status === 402 ? 'declined' : 'failed' })
      logLine('error', `error: order not placed, checkout answered ${String(answer.status)}`, { product })
      return { status: answer.status === 402 ? 402 : 502, body: { product, state: 'refused' } }
    },
  },
])

service.every(900, async () => {
  await service.call('GET', `${self}/product/${pick(PRODUCTS)}`)
})
service.every(1_500, async () => {
  await service.call('POST', `${self}/order`, {})
})
