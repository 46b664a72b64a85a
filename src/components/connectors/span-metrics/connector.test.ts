import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/testing/random.ts'
import { encodeRecord } from '../../../pipeline/index.ts'
import { identityOf, spanBatch, SpanRig, type TestSpan } from './testing/span-rig.ts'

const DEV = identityOf('dev')
const PRD = identityOf('prd')

describe('the span metrics connector', () => {
  let rig: SpanRig
  beforeEach(async () => {
    rig = await SpanRig.open()
  })
  afterEach(async () => {
    await rig.close()
  })

  it('counts on exactly after a stop', async () => {
    await rig.append(DEV, span('a', 'shop'), span('b', 'shop'))
    await rig.run()
    await rig.append(DEV, span('c', 'shop'))
    await rig.run()
    expect(await rig.increases(/calls_total$/, ['service'])).toEqual({ 'traces_spanmetrics_calls_total shop': 3 })
  })

  it('never reads its own series', async () => {
    await rig.append(DEV, span('a', 'shop'))
    await rig.start()
    await rig.settled()
    await rig.settled(rig.log.durableEnd)
    await rig.stop()
    expect(await rig.increases(/calls_total$/, ['service'])).toEqual({ 'traces_spanmetrics_calls_total shop': 1 })
  })

  it('pairs a request whose sides came before and after a kill, and counts it once', async () => {
    await rig.append(DEV, CLIENT)
    await rig.run()
    rig.advance(1_000)
    await rig.append(PRD, SERVER)
    await rig.run()
    rig.advance(1_000)
    await rig.append(PRD, span('x', 'other'))
    await rig.run()
    expect(await rig.increases(/request_total|unpaired/, ['client', 'server', 'connection_type'])).toEqual({
      'traces_service_graph_request_total shop model': 1,
    })
  })

  it('does not take a side for missing whose other side was read in an earlier life', async () => {
    // Both sides are counted; later lives begin at moments from which one of them, both or none are seen again.
    await rig.append(DEV, CLIENT)
    await rig.run()
    rig.advance(9_000)
    await rig.append(PRD, SERVER)
    await rig.run()
    for (let i = 0; i < 12; i++) {
      rig.advance(2_900)
      await rig.append(DEV, span('x', 'other'))
      await rig.run()
    }
    expect(await rig.increases(/request_total|unpaired/, ['client', 'server', 'connection_type'])).toEqual({
      'traces_service_graph_request_total shop model': 1,
    })
  })

  it('adds up to the same over kills at any moment', async () => {
    const random = createRandom(7)
    let requests = 0
    for (let round = 0; round < 15; round++) {
      // Dies before it appends a batch, or behind one, without having told anybody.
      let left = Math.floor(random() * 6)
      await rig.start({ interval: 5 }, async (batches) => {
        for (const batch of batches) {
          if (left-- <= 0) throw new Error('killed')
          await rig.log.append(encodeRecord(batch))
        }
        if (left <= 0) throw new Error('killed')
      })
      for (let i = 0; i < 8; i++) {
        const trace = `${String(round)}.${String(i)}`
        await rig.append(DEV, { ...CLIENT, trace })
        rig.advance(200)
        await rig.append(PRD, { ...SERVER, trace })
        rig.advance(400)
        requests += 1
        await new Promise((resolve) => setTimeout(resolve, random() * 4))
      }
      await rig.stop()
    }
    await rig.run()
    expect(await rig.increases(/calls_total$/, ['service'])).toEqual({
      'traces_spanmetrics_calls_total model': requests,
      'traces_spanmetrics_calls_total shop': requests,
    })
    expect(await rig.increases(/request_total|unpaired/, ['client', 'server'])).toEqual({
      'traces_service_graph_request_total shop model': requests,
    })
  })

  it('ends series that nothing comes for, and begins them again at zero', async () => {
    await rig.append(DEV, span('a', 'gone'), span('b', 'stays'))
    await rig.start()
    await rig.settled()
    rig.advance(10 * 60_000)
    await rig.append(DEV, span('c', 'stays'))
    await rig.settled()
    rig.advance(6 * 60_000)
    // What was rendered before may come first.
    await rig.settled(rig.log.durableEnd)
    await rig.settled(rig.log.durableEnd)
    await rig.append(DEV, span('d', 'gone'))
    await rig.settled()
    await rig.stop()
    const gone = (await rig.series())
      .filter(({ labels }) => labels.some(([name, value]) => name === 'service' && value === 'gone'))
      .filter(({ labels }) => labels.some(([, value]) => value === 'traces_spanmetrics_calls_total'))
      .flatMap(({ samples }) => samples.map(({ value, stale }) => (stale ? 'stale' : value)))
    expect(gone.filter((value, i) => value !== gone[i - 1])).toEqual([0, 1, 'stale', 0, 1])
  })

  it('passes over bytes that are no spans, and goes on', async () => {
    const bad = { ...spanBatch(DEV, [span('a', 'shop')], Date.now()), payload: Uint8Array.of(0xff, 0xff, 0xff) }
    await rig.log.append(encodeRecord(bad))
    await rig.append(DEV, span('b', 'shop'))
    await rig.run()
    expect(await rig.increases(/calls_total$/, ['service'])).toEqual({ 'traces_spanmetrics_calls_total shop': 1 })
  })

  it('gives up what it is told to give up', async () => {
    await rig.append(DEV, span('a', 'shop'))
    await rig.append(DEV, span('b', 'shop'))
    await rig.start({}, undefined, 1)
    await rig.settled()
    await rig.stop()
    expect(await rig.increases(/calls_total$/, ['service'])).toEqual({ 'traces_spanmetrics_calls_total shop': 1 })
  })
})

const CLIENT = { trace: 't', id: 'c', kind: 'client', service: 'shop' } as const
const SERVER = { trace: 't', id: 's', parent: 'c', kind: 'server', service: 'model' } as const

function span(id: string, service: string): TestSpan {
  return { trace: id, id, kind: 'internal', service }
}
