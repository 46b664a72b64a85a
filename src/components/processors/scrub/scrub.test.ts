import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DETECTORS } from '../../../fleet/index.ts'
import { type Signal, SIGNALS } from '../../../model/index.ts'
import { checkOtlp, jsonToOtlp } from '../../../wire/index.ts'
import { IDENTITY_KEYS } from './key-patterns.ts'
import { arbitraryMessage } from '../../../wire/testing/arbitrary-message.ts'
import { mutateBytes } from '../../../wire/testing/mutate.ts'
import { OTLP_REQUEST_TYPES } from '../../../wire/testing/otlp-proto.ts'
import { corpus } from './testing/corpus.ts'
import { batchOf, KEY, logsOf, recordsOf, scrubbing, toKeyValues } from './testing/scrubbing.ts'

const EMAIL = 'alice@example.com'
const CARD = '4111 1111 1111 1111'
const ALL = `[${DETECTORS.join(', ')}]`

describe('createScrub', () => {
  const bodies = (rules: string, ...texts: readonly unknown[]): readonly unknown[] =>
    recordsOf(scrubbing(rules).scrub(logsOf(...texts.map((body) => ({ body })))))

  it('puts the name of what it found in its place, in text and in structured bodies', () => {
    expect(
      bodies('[email, credit-card]', `mail ${EMAIL}, card ${CARD}.`, { user: { mails: [EMAIL] }, n: 'x' }),
    ).toEqual(['mail [email], card [credit-card].', { user: { mails: ['[email]'] }, n: 'x' }])
  })

  it('gives back the same batch where there is nothing', () => {
    const batch = logsOf({ body: 'nothing', attributes: { a: 1 } })
    expect(scrubbing(ALL).scrub(batch)).toBe(batch)
    expect(scrubbing('[]').scrub(batch)).toBe(batch)
  })

  it('makes pseudonyms as documented, the same for the same value', () => {
    const rules = '[{ detect: email, action: pseudonym }, { detect: phone, action: pseudonym }]'
    const hex = createHmac('sha256', KEY).update(`email\0${EMAIL}`).digest('hex').slice(0, 20)
    const letters = hex.replace(/./g, (digit) => 'bcdfghjklmnpqrst'[Number.parseInt(digit, 16)] ?? '')
    const [mail, same, phone, national] = bodies(rules, EMAIL, 'ALICE@example.com', '+1 202-555-0101', '(202) 555-0101')
    expect([mail, same]).toEqual([`[email:${letters}]`, `[email:${letters}]`])
    expect(phone).toBe(national)
    const other = scrubbing(rules, { key: 'another key, of sixteen bytes too' }).scrub(logsOf({ body: EMAIL }))
    expect(recordsOf(other)).not.toEqual([mail])
  })

  it('masks all but the last four', () => {
    const rules =
      '[{ detect: credit-card, action: mask }, { detect: ipv4, action: mask }, { detect: email, action: mask }]'
    expect(bodies(rules, CARD, 'from 10.0.0.1', 'jörg@example.com')).toEqual([
      '**** **** **** 1111',
      'from **.*.*.*',
      '****@******e.com',
    ])
  })

  it('drops attributes, and replaces where there is none', () => {
    const { scrub } = scrubbing('[{ detect: email, action: drop-attribute }]')
    const batch = logsOf({ body: EMAIL, attributes: { mail: EMAIL, deep: { a: [EMAIL], b: 'x' }, keep: 'y' } })
    expect(recordsOf(scrub(batch))).toEqual([{ body: '[email]', deep: { b: 'x' }, keep: 'y' }])
  })

  it('drops records, and corrects the items', async () => {
    const dropped: unknown[] = []
    const { scrub, metrics } = scrubbing('[{ detect: email, action: drop-record }]', {
      onDropped: (...args) => dropped.push(args),
    })
    const left = scrub(logsOf({ body: EMAIL }, { body: 'good' }, { attributes: { a: EMAIL } }))
    expect(left?.envelope.items).toBe(1)
    expect(recordsOf(left)).toEqual(['good'])
    expect(scrub(logsOf({ body: EMAIL }))).toBeUndefined()
    expect(dropped).toEqual([
      ['logs', 2, 'rule'],
      ['logs', 1, 'rule'],
    ])
    expect(await metrics()).toContain('fleetglass_scrub_dropped_items_total{signal="logs",reason="rule"} 3')
    expect(await metrics()).toContain(
      'fleetglass_scrub_matches_total{rule="email",action="drop-record",signal="logs"} 3',
    )
  })

  it('looks only where a rule says, at the keys and in the signals that it says', () => {
    const record = { body: EMAIL, attributes: { 'user.mail': EMAIL, 'user.note': EMAIL, owner: EMAIL } }
    const f = (rule: string): unknown => recordsOf(scrubbing(`[{ detect: email, ${rule} }]`).scrub(logsOf(record)))[0]
    const all = { body: EMAIL, 'user.mail': EMAIL, 'user.note': EMAIL, owner: EMAIL }
    const cut = '[email]'
    expect(f('in: [body]')).toEqual({ ...all, body: cut })
    expect(f('keys: { include: [user.*] }')).toEqual({ ...all, 'user.mail': cut, 'user.note': cut })
    expect(f('in: [attributes], keys: { exclude: ["*note"] }')).toEqual({ ...all, 'user.mail': cut, owner: cut })
    expect(f('signals: [traces]')).toEqual(all)
    expect(f('in: [keys]')).toEqual(all)
  })

  it('takes the first rule that is for the place', () => {
    const rules = '[{ detect: email, action: mask, keys: { include: [a] } }, email]'
    const record = { body: 'x', attributes: { a: EMAIL, b: EMAIL } }
    expect(recordsOf(scrubbing(rules).scrub(logsOf(record)))).toEqual([
      { body: 'x', a: '*****@******e.com', b: '[email]' },
    ])
  })

  it('does not touch what says where telemetry comes from', () => {
    const attributes = { 'service.name': EMAIL, 'k8s.pod.name': EMAIL, cluster: EMAIL, own: EMAIL, mail: EMAIL }
    const { scrub } = scrubbing('{ rules: [email], exclude: [own] }')
    expect(recordsOf(scrub(logsOf({ body: 'x', attributes })))).toEqual([{ body: 'x', ...attributes, mail: '[email]' }])
  })

  it('finds users’ expressions, whole or by the group named scrub', () => {
    const own = (expression: string): string => `[{ detect: { name: emp, expression: '${expression}' } }]`
    expect(bodies(own('EMP-[0-9]{6}'), 'EMP-123456 and EMP-1')).toEqual(['[emp] and EMP-1'])
    expect(bodies(own('(?i)passport (?P<scrub>[a-z0-9]+)'), 'ünï Passport AB12 x')).toEqual(['ünï Passport [emp] x'])
    expect(bodies(`[email, { detect: { name: all, expression: '^.*secret.*$' } }]`, `the secret of ${EMAIL}`)).toEqual([
      '[all]',
    ])
  })

  it('keeps JSON text JSON, and looks at text in bytes and at long integers', () => {
    const rules = '[email, credit-card]'
    expect(bodies(rules, '{"card": 4111111111111111, "n":[4111111111111111,2]}')).toEqual([
      '{"card": "[credit-card]", "n":["[credit-card]",2]}',
    ])
    const binary = Buffer.from(`\0${EMAIL}`)
    const { scrub } = scrubbing(rules)
    const attributes = { text: Buffer.from(EMAIL), binary, number: 4_111_111_111_111_111n, small: 411 }
    expect(recordsOf(scrub(logsOf({ body: 'x', attributes })))).toEqual([
      {
        body: 'x',
        text: Buffer.from('[email]').toString('base64'),
        binary: binary.toString('base64'),
        number: '[credit-card]',
        small: '411',
      },
    ])
  })

  it('lets the larger of two finds win, and finds what was hidden by another', () => {
    expect(bodies(ALL, '202-555-0101@example.com', `${EMAIL}-4111111111111111`)).toEqual([
      '[email]',
      '[email]-[credit-card]',
    ])
  })

  it('needs a key for pseudonyms', () => {
    const rules = '[{ detect: email, action: pseudonym }]'
    expect(() => scrubbing(rules, { key: undefined })).toThrow(/need a key/)
    expect(() => scrubbing(rules, { key: 'short' })).toThrow(/shorter than 16 bytes/)
  })

  it('fails closed, and says nothing of the payload', async () => {
    const { scrub, metrics } = scrubbing('[email]')
    const batch = logsOf({ body: EMAIL })
    const cut = { ...batch, payload: batch.payload.subarray(0, -1) }
    expect(() => scrub(cut)).toThrow(expect.objectContaining({ code: 'invalid', retryable: false }))
    expect(() => scrub(cut)).not.toThrow(/alice/)
    expect(await metrics()).toContain('fleetglass_scrub_failures_total{signal="logs"} 2')
  })
})

describe('scrubbing random requests', () => {
  const values = corpus().positives.flatMap(({ labels }) => labels.map(({ value }) => value))
  // Values that need words around them are none by themselves.
  const { scrub } = scrubbing(ALL)
  const plain = values.filter((value) => recordsOf(scrub(logsOf({ body: value })))[0] !== value)
  const planted = fc.constantFrom(...plain)

  const arbitrary = (signal: Signal, text: string): fc.Arbitrary<Uint8Array> => {
    const type = OTLP_REQUEST_TYPES[signal]
    const strings = [
      'AnyValue.stringValue',
      'Span.name',
      'Event.name',
      'Status.message',
      'Metric.description',
      'Metric.name',
    ]
    const texts = Object.fromEntries(strings.map((name) => [name, [text, `(${text})`]]))
    return arbitraryMessage(type, { depth: 9, texts }).map((message) => type.encode(type.fromObject(message)).finish())
  }

  const EVERY_PLACE =
    'resource, scope, attributes, body, name, status, events, links, exemplars, description, metadata, keys'
  const ACTIONS = ['redact', 'mask', 'pseudonym', 'drop-attribute', 'drop-record'] as const
  const byAction = new Map(
    ACTIONS.map((action) => {
      const rules = DETECTORS.map((detect) => `{ detect: ${detect}, action: ${action}, in: [${EVERY_PLACE}] }`)
      return [action, scrubbing(`[${rules.join(', ')}]`)]
    }),
  )

  it('gives back look-alikes as they came, wherever they stand', () => {
    for (const { text } of corpus().lookAlikes) {
      const batch = logsOf({ body: text, attributes: { a: text, deep: { list: [text], raw: Buffer.from(text) } } })
      expect(scrub(batch), text).toBe(batch)
    }
  })

  it('leaves out few of the planted values', () => {
    expect(plain.length).toBeGreaterThan(600)
  })

  it.each(SIGNALS)('leaves no planted value in %s, counts items, and changes nothing the second time', (signal) => {
    // What names a series stays as it came: random text is such a key now and then.
    const isNamed = (payload: Uint8Array): boolean => IDENTITY_KEYS.some((key) => Buffer.from(payload).includes(key))
    const request = planted
      .chain((value) => fc.tuple(fc.constant(value), arbitrary(signal, value)))
      .filter(([, payload]) => !isNamed(payload))
    fc.assert(
      fc.property(request, fc.constantFrom(...ACTIONS), ([value, payload], action) => {
        const one = byAction.get(action) ?? scrubbing(ALL)
        const batch = batchOf(signal, payload)
        const once = one.scrub(batch)
        if (once === undefined) return
        expect(once.envelope.items).toBe(checkOtlp(signal, once.payload))
        expect(Buffer.from(once.payload).includes(value)).toBe(false)
        expect(one.scrub(once)).toBe(once)
        if (!Buffer.from(payload).includes(value)) expect(once).toBe(batch)
      }),
      { numRuns: 120 },
    )
  })

  it('changes nothing the second time, whatever stands side by side', () => {
    const pieces = fc.array(
      fc.oneof(planted, fc.constantFrom(' ', '-', '.', ':', '@', '1', 'a', '+', '(', ')', '/', '_')),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(pieces, fc.constantFrom(...ACTIONS), (parts, action) => {
        const one = byAction.get(action) ?? scrubbing(ALL)
        const once = one.scrub(logsOf({ body: parts.join('') }))
        expect(once && one.scrub(once)).toBe(once)
      }),
      { numRuns: 400 },
    )
  })

  it('keeps its word on mutated requests: scrubbed or invalid', () => {
    const attributes = toKeyValues({ a: EMAIL, b: { c: [CARD] } })
    const request = {
      resourceLogs: [
        { resource: { attributes }, scopeLogs: [{ logRecords: [{ body: { stringValue: EMAIL }, attributes }] }] },
      ],
    }
    const sample = jsonToOtlp('logs', JSON.stringify(request))
    for (let seed = 0; seed < 4_000; seed++) {
      const payload = mutateBytes([sample], seed)
      const batch = { ...batchOf('logs', sample), payload }
      try {
        const once = scrub(batch)
        if (once !== undefined) expect(scrub(once), String(seed)).toBe(once)
      } catch (reason) {
        expect(reason, String(seed)).toMatchObject({ code: 'invalid' })
      }
    }
  })
})
