import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Clock } from '../core/index.ts'
import { createAuthority, issueCertificate, loadTlsFiles, openPki, readCertificate } from './index.ts'

const run = promisify(execFile)
const DAY_MS = 86_400_000

function clockAt(nowMs: number): Clock {
  return { now: () => nowMs, sleep: () => Promise.resolve() }
}

async function makeDir(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'pki-'))
}

describe('issueCertificate', () => {
  it('writes what the X509-SVID standard asks for, as OpenSSL reads it', async (context) => {
    const openssl = await run('openssl', ['version']).catch(() => undefined)
    if (openssl === undefined) context.skip('no openssl on this machine')
    const authority = await createAuthority({ trustDomain: 'test' })
    const leaf = await issueCertificate(authority, {
      spiffeId: 'spiffe://test/cluster/dev',
      dnsNames: ['a.test'],
      days: 1,
    })
    const dir = await makeDir()
    await writeFile(join(dir, 'ca.crt'), authority.certificatePem)
    await writeFile(join(dir, 'leaf.crt'), leaf.certificatePem)
    for (const purpose of ['sslclient', 'sslserver']) {
      const verify = [
        'verify',
        '-x509_strict',
        '-purpose',
        purpose,
        '-CAfile',
        join(dir, 'ca.crt'),
        join(dir, 'leaf.crt'),
      ]
      expect((await run('openssl', verify)).stdout).toContain('leaf.crt: OK')
    }
    const { stdout } = await run('openssl', ['x509', '-noout', '-text', '-in', join(dir, 'leaf.crt')])
    const text = stdout.replaceAll(/\s+/g, ' ')
    expect(text).toContain('X509v3 Basic Constraints: critical CA:FALSE')
    expect(text).toContain('X509v3 Key Usage: critical Digital Signature X509v3')
    expect(text).toContain('TLS Web Client Authentication, TLS Web Server Authentication')
    expect(text).toContain('URI:spiffe://test/cluster/dev, DNS:a.test')
    expect(text).toContain('ASN1 OID: prime256v1')
    const ca = (await run('openssl', ['x509', '-noout', '-text', '-in', join(dir, 'ca.crt')])).stdout.replaceAll(
      /\s+/g,
      ' ',
    )
    expect(ca).toContain('X509v3 Basic Constraints: critical CA:TRUE, pathlen:0')
    expect(ca).toContain('X509v3 Key Usage: critical Certificate Sign, CRL Sign')
    expect(ca).toContain('URI:spiffe://test')
  })

  it('begins a little in the past, ends with the authority at the latest, and never repeats a serial', async () => {
    const now = Date.UTC(2026, 0, 1)
    const authority = await createAuthority({ trustDomain: 'test', days: 2, clock: clockAt(now) })
    const spec = { spiffeId: 'spiffe://test/cluster/dev', days: 1 }
    const one = readCertificate((await issueCertificate(authority, spec, clockAt(now))).certificatePem)
    const two = readCertificate((await issueCertificate(authority, { ...spec, days: 9 }, clockAt(now))).certificatePem)
    expect(one).toMatchObject({ notBeforeMs: now - 300_000, notAfterMs: now + DAY_MS, spiffeId: spec.spiffeId })
    expect(two.notAfterMs).toBe(now + 2 * DAY_MS)
    expect(one.serial).toMatch(/^[0-9a-f]{32}$/)
    expect(one.serial).not.toBe(two.serial)
  })

  it.each([
    ['nothing to certify', { days: 1 }],
    ['no days', { spiffeId: 'spiffe://test/cluster/dev', days: 0 }],
    ['another trust domain', { spiffeId: 'spiffe://other/cluster/dev', days: 1 }],
    ['an id with a query', { spiffeId: 'spiffe://test/cluster/dev?x', days: 1 }],
    ['a name with a separator', { dnsNames: ['a, URI:spiffe://test/cluster/dev'], days: 1 }],
    ['an address that is none', { ips: ['1.2.3'], days: 1 }],
  ])('refuses %s', async (_what, spec) => {
    const authority = await createAuthority({ trustDomain: 'test' })
    await expect(issueCertificate(authority, spec)).rejects.toMatchObject({ code: 'invalid' })
  })

  it('refuses what is no trust domain', async () => {
    await expect(createAuthority({ trustDomain: 'Not/One' })).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('openPki', () => {
  const now = Date.UTC(2026, 0, 1)
  const spec = { spiffeId: 'spiffe://test/cluster/dev', dnsNames: ['dev.test'], ips: ['::1', '127.0.0.1'], days: 30 }
  let dir = ''
  beforeAll(async () => {
    dir = await makeDir()
    const pki = await openPki(dir, { trustDomain: 'test', clock: clockAt(now) })
    await pki.ensureCertificate('dev', spec)
  })
  const at = (offsetMs: number): ReturnType<typeof openPki> =>
    openPki(dir, { trustDomain: 'test', clock: clockAt(now + offsetMs) })

  it('keeps keys to itself and leaves nothing half-written behind', async () => {
    expect((await readdir(dir)).sort()).toEqual(['ca.crt', 'ca.key', 'dev.crt', 'dev.key'])
    for (const [file, mode] of [
      ['ca.key', 0o600],
      ['dev.key', 0o600],
      ['ca.crt', 0o644],
    ] as const) {
      expect((await stat(join(dir, file))).mode & 0o777).toBe(mode)
    }
  })

  it('continues from what is there', async () => {
    const pki = await at(0)
    expect((await pki.ensureCertificate('dev', spec)).issued).toBe(false)
    expect((await pki.ensureCertificate('dev', spec, 31 * DAY_MS)).issued).toBe(true)
    const { cert, ca } = pki.paths('dev')
    const authority = new X509Certificate(await readFile(ca))
    expect(new X509Certificate(await readFile(cert)).verify(authority.publicKey)).toBe(true)
  })

  it.each([
    ['a third of its life is left', 19.9 * DAY_MS, spec, false],
    ['less than a third is left', 20.1 * DAY_MS, spec, true],
    ['a name is added', 0, { ...spec, dnsNames: ['dev.test', 'more.test'] }, true],
    ['names come in another order', 0, { ...spec, ips: ['127.0.0.1', '0:0:0:0:0:0:0:1'] }, false],
    ['it shall live for longer', 0, { ...spec, days: 60 }, true],
    ['it shall live for less', 0, { ...spec, days: 7 }, true],
  ])('when %s', async (_when, offsetMs, wanted, issued) => {
    const first = await at(0)
    await first.ensureCertificate('dev', spec, 31 * DAY_MS)
    const pki = await at(offsetMs)
    expect((await pki.ensureCertificate('dev', wanted)).issued).toBe(issued)
  })

  it('replaces a certificate that does not fit its key', async () => {
    const pki = await at(0)
    const { paths } = await pki.ensureCertificate('torn', spec)
    await writeFile(paths.key, await readFile(join(dir, 'dev.key')))
    await expect(loadTlsFiles(paths)).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    expect((await pki.ensureCertificate('torn', spec)).issued).toBe(true)
    expect((await loadTlsFiles(paths)).certificate.spiffeId).toBe(spec.spiffeId)
  })

  it('never replaces an authority that edges trust', async () => {
    await expect(openPki(dir, { trustDomain: 'other' })).rejects.toMatchObject({ code: 'conflict' })
    await expect(at(3651 * DAY_MS)).rejects.toMatchObject({ code: 'conflict' })
    const incomplete = await makeDir()
    await openPki(incomplete, { trustDomain: 'test' })
    await rm(join(incomplete, 'ca.key'))
    await expect(openPki(incomplete, { trustDomain: 'test' })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('begins anew where a crash left only a key', async () => {
    const crashed = await makeDir()
    await openPki(crashed, { trustDomain: 'test' })
    await rm(join(crashed, 'ca.crt'))
    const pki = await openPki(crashed, { trustDomain: 'test' })
    expect((await pki.ensureCertificate('dev', spec)).issued).toBe(true)
  })

  it.each(['ca', '../x', '', 'A', 'a/b'])('refuses the name %j', async (name) => {
    const pki = await at(0)
    expect(() => pki.paths(name)).toThrow('cannot name a certificate')
  })
})
