import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../core/index.ts'
import { clusterOfSpiffeId, clusterSpiffeId, parseSpiffeId, readSpiffeId, renderSpiffeId } from './index.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
let keys: webcrypto.CryptoKeyPair
beforeAll(async () => {
  keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
})

const { digitalSignature, keyCertSign } = x509.KeyUsageFlags

/** A self-signed certificate with exactly these extensions. */
async function makeDer(extensions: x509.Extension[]): Promise<Uint8Array> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=x',
    signingAlgorithm: algorithm,
    keys,
    extensions,
  })
  return new Uint8Array(certificate.rawData)
}

function names(...values: x509.JsonGeneralNames): x509.Extension {
  return new x509.SubjectAlternativeNameExtension(values)
}

const usage = new x509.KeyUsagesExtension(digitalSignature, true)
const id = { type: 'url', value: 'spiffe://td/cluster/dev' } as const

describe('readSpiffeId', () => {
  it('reads the one URI among other names', async () => {
    const der = await makeDer([usage, names({ type: 'dns', value: 'a.test' }, id, { type: 'ip', value: '127.0.0.1' })])
    expect(readSpiffeId(der)).toEqual({ trustDomain: 'td', path: '/cluster/dev' })
  })

  const refused: readonly (readonly [title: string, extensions: () => x509.Extension[], why: string])[] = [
    ['no names', () => [usage], 'no URI'],
    ['no URI', () => [usage, names({ type: 'dns', value: 'spiffe://td/cluster/dev' })], 'no URI'],
    ['two URIs', () => [usage, names(id, { type: 'url', value: 'spiffe://td/cluster/prd' })], '2 URIs'],
    ['the same URI twice', () => [usage, names(id, id)], '2 URIs'],
    ['a web address', () => [usage, names({ type: 'url', value: 'https://td/cluster/dev' })], 'is no spiffe://'],
    ['an authority', () => [usage, names(id), new x509.BasicConstraintsExtension(true)], 'of an authority'],
    [
      'a key that may sign certificates',
      () => [names(id), new x509.KeyUsagesExtension(digitalSignature | keyCertSign)],
      'may sign certificates',
    ],
    ['a key without a usage', () => [names(id)], 'may not be used for digital signatures'],
    [
      'names given twice',
      () => [usage, names(id), names({ type: 'url', value: 'spiffe://td/cluster/prd' })],
      'cannot be read',
    ],
  ]
  it.each(refused)('refuses %s', async (_title, extensions, why) => {
    const der = await makeDer(extensions())
    expect(() => readSpiffeId(der)).toThrow(why)
    expect(() => readSpiffeId(der)).toThrow(expect.objectContaining({ code: 'forbidden' }) as Error)
  })

  it('refuses damaged bytes with an AppError and never reads another id out of them', async () => {
    const der = await makeDer([usage, names(id)])
    const damage = fc.array(fc.record({ at: fc.nat(der.length - 1), byte: fc.nat(255) }), {
      minLength: 1,
      maxLength: 4,
    })
    const cut = fc.nat(der.length)
    fc.assert(
      fc.property(damage, fc.option(cut), (changes, end) => {
        const bytes = Uint8Array.from(der)
        for (const { at, byte } of changes) bytes[at] = byte
        try {
          const found = readSpiffeId(bytes.subarray(0, end ?? bytes.length))
          expect(parseSpiffeId(renderSpiffeId(found))).toEqual(found)
        } catch (reason) {
          expect(reason).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['nothing', []],
    ['an indefinite length', [0x30, 0x80, 0, 0]],
    ['a length that is not in its shortest form', [0x30, 0x81, 0x01, 0]],
    ['a huge length', [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]],
    ['a long tag', [0x3f, 0x81, 0x01, 0]],
  ])('refuses %s', (_title, bytes) => {
    expect(() => readSpiffeId(Uint8Array.from(bytes))).toThrow('cannot be read')
  })
})

describe('parseSpiffeId', () => {
  it.each(['spiffe://td/a', 'spiffe://my-fleet.example_1/cluster/dev-uaenorth', 'spiffe://td/a/b.c/D_e'])(
    'takes %s',
    (text) => {
      expect(renderSpiffeId(parseSpiffeId(text) ?? { trustDomain: '', path: '' })).toBe(text)
    },
  )

  it.each([
    '',
    'spiffe://td',
    'spiffe://td/',
    'spiffe:///a',
    'SPIFFE://td/a',
    'spiffe://TD/a',
    'spiffe://user@td/a',
    'spiffe://td:443/a',
    'spiffe://td/a?b',
    'spiffe://td/a#b',
    'spiffe://td/a//b',
    'spiffe://td/a/',
    'spiffe://td/./a',
    'spiffe://td/a/..',
    'spiffe://td/%61',
    'spiffe://td/a b',
    'spiffe://td/a\0',
    'spiffe://td/a\n',
    'spiffe://td/ä',
    `spiffe://td/${'a'.repeat(2048)}`,
  ])('refuses %j', (text) => {
    expect(parseSpiffeId(text)).toBeUndefined()
  })
})

describe('clusterOfSpiffeId', () => {
  it('takes the cluster out of the path', () => {
    const parsed = parseSpiffeId(clusterSpiffeId('td', 'dev-uaenorth'))
    expect(parsed && clusterOfSpiffeId(parsed, 'td')).toBe('dev-uaenorth')
  })

  it.each([
    [{ trustDomain: 'other', path: '/cluster/dev' }],
    [{ trustDomain: 'td', path: '/hub' }],
    [{ trustDomain: 'td', path: '/cluster/dev/more' }],
    [{ trustDomain: 'td', path: '/cluster/Dev' }],
    [{ trustDomain: 'td', path: '/cluster' }],
  ])('refuses %j', (wrong) => {
    expect(() => clusterOfSpiffeId(wrong, 'td')).toThrow(expect.objectContaining({ code: 'forbidden' }) as Error)
  })
})
