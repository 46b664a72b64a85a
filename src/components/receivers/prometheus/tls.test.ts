import type { Socket } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, issueCertificate } from '../../../pki/index.ts'
import { type Exposer, startExposer, text } from './testing/exposer.ts'
import { startScraping, valuesOf } from './testing/scraping.ts'

describe('a target over TLS', () => {
  let directory = ''
  let target: Exposer
  const clients: string[] = []

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fleetglass-scrape-'))
    const authority = await createAuthority({ trustDomain: 'example.org' })
    const server = await issueCertificate(authority, { dnsNames: ['node.example.org'], days: 1 })
    const client = await issueCertificate(authority, { dnsNames: ['scraper.example.org'], days: 1 })
    await writeFile(join(directory, 'ca.pem'), authority.certificatePem)
    await writeFile(join(directory, 'cert.pem'), client.certificatePem)
    await writeFile(join(directory, 'key.pem'), client.keyPem, { mode: 0o600 })
    target = await startExposer(
      (response, request) => {
        clients.push(clientOf(request.socket))
        text('a 1\n')(response, request)
      },
      {
        cert: server.certificatePem,
        key: server.keyPem,
        ca: authority.certificatePem,
        requestCert: true,
        rejectUnauthorized: false,
      },
    )
  })

  afterAll(async () => {
    await target.close()
    await rm(directory, { recursive: true })
  })

  const file = (name: string): string => join(directory, name)
  it.each<readonly [what: string, tls: () => object, result: 'nobody' | 'scraper.example.org' | RegExp]>([
    ['is not trusted by itself', () => ({ serverName: 'node.example.org' }), /certificate/],
    ['is trusted through its authority', () => ({ caFile: file('ca.pem'), serverName: 'node.example.org' }), 'nobody'],
    [
      'must have the right name',
      () => ({ caFile: file('ca.pem'), serverName: 'other.example.org' }),
      /other\.example\.org/,
    ],
    [
      'is shown our certificate',
      () => ({
        caFile: file('ca.pem'),
        serverName: 'node.example.org',
        certFile: file('cert.pem'),
        keyFile: file('key.pem'),
      }),
      'scraper.example.org',
    ],
    ['is taken unseen if one insists', () => ({ insecureSkipVerify: true }), 'nobody'],
    ['fails with a word about a missing file', () => ({ caFile: file('none.pem') }), /none\.pem/],
  ])('%s', async (_, tls, result) => {
    clients.length = 0
    const { batch, receiver, stop } = await startScraping({
      interval: '1s',
      targets: [target.address],
      scheme: 'https',
      tls: tls(),
    })
    const values = valuesOf(await batch(0))
    const lastError = receiver.targets()[0]?.lastError
    await stop()
    expect({ up: values['up'], clients: [...new Set(clients)], lastError }).toEqual(
      result instanceof RegExp
        ? { up: 0, clients: [], lastError: expect.stringMatching(result) as string }
        : { up: 1, clients: [result], lastError: undefined },
    )
  })
})

function clientOf(socket: Socket): string {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  return certificate?.subjectAltName?.replace('DNS:', '') ?? 'nobody'
}
