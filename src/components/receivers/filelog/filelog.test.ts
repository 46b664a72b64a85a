import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError, systemClock } from '../../../core/index.ts'
import { createHarness, type Harness } from './testing/harness.ts'

const POD = 'shop_cart-5d9f_0b1c2d3e-aaaa-bbbb-cccc-000000000001/cart'

let h: Harness
let dir: string
let file: string

beforeEach(() => {
  h = createHarness()
  dir = path.join(h.dir, 'logs/pods', POD)
  mkdirSync(dir, { recursive: true })
  file = path.join(dir, '0.log')
})

afterEach(async () => {
  await h.dispose()
})

let clockMs = Date.UTC(2026, 0, 1)

/** A CRI line; every one has another time, as real ones do. */
function cri(text: string, tag = 'F', stream = 'stdout'): string {
  clockMs += 1
  return `${new Date(clockMs).toISOString().replace('Z', '000000Z')} ${stream} ${tag} ${text}\n`
}

function numbered(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, i) => `line ${String(from + i)}`)
}

function append(texts: readonly string[], to = file): void {
  appendFileSync(to, texts.map((text) => cri(text)).join(''))
}

async function expectExactly(texts: readonly string[]): Promise<void> {
  expect([...(await h.expectBodies(texts))].sort()).toEqual([...texts].sort())
}

function kubeletRotate(stamp: string): string {
  const rotated = `${file}.${stamp}`
  renameSync(file, rotated)
  writeFileSync(file, '')
  return rotated
}

async function untilMetric(line: string, value: number): Promise<void> {
  const deadline = Date.now() + 5_000
  while ((await h.metric(line)) !== value) {
    if (Date.now() > deadline) throw new Error(`${line} never became ${String(value)}`)
    await systemClock.sleep(5)
  }
}

/** Waits until so many files are held open by their name, and so many that have lost it. */
async function untilFiles(open: number, rotated: number): Promise<void> {
  await untilMetric('fleetglass_filelog_files{receiver="files",state="rotated"}', rotated)
  await untilMetric('fleetglass_filelog_files{receiver="files",state="open"}', open)
}

describe('what a record says', () => {
  it('takes the resource from the path, the time and stream from the line', async () => {
    writeFileSync(file, '2026-01-02T03:04:05.678901234Z stderr F hello\n')
    await h.start({ resource: { 'service.namespace': 'x' } })
    await h.expectBodies(['hello'])
    expect(h.logs()).toEqual([
      expect.objectContaining({
        body: 'hello',
        timeUnixNano: '1767323045678901234',
        resource: {
          'k8s.namespace.name': 'shop',
          'k8s.pod.name': 'cart-5d9f',
          'k8s.pod.uid': '0b1c2d3e-aaaa-bbbb-cccc-000000000001',
          'k8s.container.name': 'cart',
          'k8s.container.restart_count': 0,
          'service.namespace': 'x',
        },
        attributes: { 'log.iostream': 'stderr' },
        severityNumber: undefined,
      }),
    ])
    expect(h.batches[0]?.envelope).toMatchObject({ signal: 'logs', format: 'otlp', items: 1 })
  })

  it('names the file of records that come from no pod', async () => {
    const plain = path.join(h.dir, 'logs/app.log')
    writeFileSync(plain, 'one\r\ntwo\n')
    await h.start({ format: 'plain' })
    await expectExactly(['one', 'two'])
    expect(h.logs()[0]?.attributes).toEqual({ 'log.file.name': 'app.log', 'log.file.path': plain })
    expect(h.logs()[0]?.timeUnixNano).toBeUndefined()
  })

  it('fills severity and trace context from a JSON body and leaves the body as it is', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c'
    const body = `{"level":"warn","msg":"x","trace_id":"${trace}","span_id":"b7ad6b7169203331","trace_flags":"01"}`
    append([body, '{"level":50,"msg":"pino"}', '{"level":"warn"', '{"severity":"nonsense","traceId":"00"}'])
    await h.start()
    await h.expectBodies(numbered(0, 4))
    const [first, second, third, fourth] = h.logs()
    expect(first).toMatchObject({ body, severityNumber: 13, severityText: 'warn', flags: 1 })
    expect(Buffer.from(first?.traceId ?? '', 'base64').toString('hex')).toBe(trace)
    expect(Buffer.from(first?.spanId ?? '', 'base64').toString('hex')).toBe('b7ad6b7169203331')
    expect(second).toMatchObject({ severityNumber: 17, severityText: 'error' })
    expect(third?.severityNumber).toBeUndefined()
    expect(fourth).toMatchObject({ severityNumber: undefined, traceId: undefined })
  })

  it('leaves bodies alone when told so', async () => {
    append(['{"level":"warn"}'])
    await h.start({ parseBody: 'none' })
    await h.expectBodies(['x'])
    expect(h.logs()[0]?.severityNumber).toBeUndefined()
  })

  it('reads the JSON files of Docker, also through the links of /var/log/containers', async () => {
    const docker = path.join(h.dir, 'docker-json.log')
    const line = (log: string): string =>
      `${JSON.stringify({ log, stream: 'stdout', time: '2026-01-02T03:04:05.5Z' })}\n`
    writeFileSync(docker, line('first half, ') + line('second half\n') + line('whole\n'))
    symlinkSync(docker, file)
    symlinkSync(file, path.join(h.dir, 'logs/cart.log'))
    await h.start({ include: path.join(h.dir, 'logs/*.log') })
    await expectExactly(['first half, second half', 'whole'])
    expect(h.logs()[0]).toMatchObject({ timeUnixNano: '1767323045500000000', attributes: { 'log.iostream': 'stdout' } })
    expect(h.logs()[0]?.resource['k8s.pod.name']).toBe('cart-5d9f')
  })

  it('passes on a line that is not of its format, and counts it', async () => {
    appendFileSync(file, `no CRI line\n${cri('fine')}`)
    await h.start({ format: 'cri' })
    await expectExactly(['no CRI line', 'fine'])
    expect(await h.metric('fleetglass_filelog_blemishes_total{receiver="files",kind="malformed"}')).toBe(1)
  })

  it('replaces bytes that are no UTF-8, and counts them', async () => {
    writeFileSync(file, Buffer.concat([Buffer.from(cri('bad ').trimEnd()), Buffer.from([0x20, 0xff, 0xfe, 0x0a])]))
    await h.start()
    await expectExactly(['bad \ufffd\ufffd'])
    expect(await h.metric('fleetglass_filelog_blemishes_total{receiver="files",kind="invalid_utf8"}')).toBe(1)
  })
})

describe('lines in parts', () => {
  it('joins partial lines of both streams, and the whole begins when its first part did', async () => {
    const first = cri('a1 ', 'P', 'stdout')
    appendFileSync(file, first + cri('b1 ', 'P', 'stderr') + cri('a2 ', 'P', 'stdout') + cri('b2', 'F', 'stderr'))
    await h.start()
    await expectExactly(['b1 b2'])
    appendFileSync(file, cri('a3', 'F', 'stdout'))
    await expectExactly(['b1 b2', 'a1 a2 a3'])
    const startMs = BigInt(Date.parse(first.slice(0, 30)))
    expect(h.logs()[1]?.timeUnixNano).toBe(String(startMs * 1_000_000n))
  })

  it('joins parts over a restart, without repeating the lines between them', async () => {
    appendFileSync(file, cri('first ', 'P') + cri('between', 'F', 'stderr'))
    await h.start()
    await expectExactly(['between'])
    await h.stop()
    appendFileSync(file, cri('second', 'F'))
    await h.start()
    await expectExactly(['between', 'first second'])
  })

  it('cuts a joined line at the limit, marks and counts it, and goes on with the next', async () => {
    const part = 'x'.repeat(1_000)
    appendFileSync(file, Array.from({ length: 5 }, () => cri(part, 'P')).join('') + cri('end') + cri('next'))
    await h.start({ maxLineSize: '3000B' })
    await h.expectBodies(['', ''])
    expect(h.bodies()).toEqual(['x'.repeat(3_000), 'next'])
    expect(h.logs()[0]?.attributes['fleetglass.truncated']).toBe(true)
    expect(await h.metric('fleetglass_filelog_blemishes_total{receiver="files",kind="truncated"}')).toBe(1)
  })

  it('cuts a line that is longer than the buffer and skips the rest of it, also over a restart', async () => {
    const plain = path.join(h.dir, 'logs/long.log')
    writeFileSync(plain, 'y'.repeat(100_000))
    const config = { format: 'plain', maxLineSize: '10KiB' }
    await h.start(config)
    await h.expectBodies([''])
    await h.stop()
    appendFileSync(plain, `${'y'.repeat(100_000)}\nshort\n`)
    await h.start(config)
    await h.expectBodies(['', ''])
    expect(h.bodies().map((body) => body.length)).toEqual([10 * 1024, 5])
  })

  it('does not cut within a character', async () => {
    append(['ä'.repeat(600)])
    await h.start({ maxLineSize: '1001B' })
    await h.expectBodies([''])
    expect(h.bodies()).toEqual(['ä'.repeat(500)])
  })

  it('waits for the end of a line, however slowly it comes', async () => {
    await h.start()
    const line = cri('slow')
    for (const piece of [line.slice(0, 10), line.slice(10, 42), line.slice(42, -1)]) {
      appendFileSync(file, piece)
      await systemClock.sleep(40)
      expect(h.bodies()).toEqual([])
    }
    appendFileSync(file, '\n')
    await expectExactly(['slow'])
  })
})

describe('rotation', () => {
  it('finishes a renamed file and goes on with the new one, as the kubelet rotates', async () => {
    append(numbered(0, 10))
    await h.start()
    await expectExactly(numbered(0, 10))
    const rotated = kubeletRotate('20260101-000000')
    // The runtime goes on writing to the old file until it is told to open it again.
    append(numbered(10, 15), rotated)
    append(numbered(15, 20))
    await expectExactly(numbered(0, 20))
  })

  it('finishes a file that was renamed while nobody looked', async () => {
    append(numbered(0, 10))
    await h.start()
    await expectExactly(numbered(0, 10))
    await h.stop()
    append(numbered(10, 20))
    kubeletRotate('20260101-000000')
    append(numbered(20, 30))
    await h.start()
    await expectExactly(numbered(0, 30))
  })

  it('reads files that came and were rotated while nobody looked, and none a second time', async () => {
    append(numbered(0, 10))
    await h.start()
    await expectExactly(numbered(0, 10))
    kubeletRotate('20260101-000000')
    append(numbered(10, 20))
    await expectExactly(numbered(0, 20))
    await systemClock.sleep(250)
    await h.stop()
    append(numbered(20, 30))
    kubeletRotate('20260101-000001')
    append(numbered(30, 40))
    kubeletRotate('20260101-000002')
    append(numbered(40, 50))
    await h.start()
    await expectExactly(numbered(0, 50))
    await h.stop()
    await h.start()
    await expectExactly(numbered(0, 50))
  })

  it('finishes a file that was compressed while nobody looked, and does not read it again', async () => {
    append(numbered(0, 100))
    await h.start()
    await expectExactly(numbered(0, 100))
    await h.stop()
    append(numbered(100, 200))
    const rotated = kubeletRotate('20260101-000000')
    writeFileSync(`${rotated}.gz`, gzipSync(readFileSync(rotated)))
    unlinkSync(rotated)
    append(numbered(200, 210))
    await h.start()
    await expectExactly(numbered(0, 210))
    await systemClock.sleep(250)
    await h.stop()
    await h.start()
    await expectExactly(numbered(0, 210))
    expect(readdirSync(path.join(h.dir, 'state'))).not.toContain('files.unpacked')
  })

  it('does not read a compressed copy of what it has read', async () => {
    append(numbered(0, 100))
    await h.start()
    await expectExactly(numbered(0, 100))
    const rotated = kubeletRotate('20260101-000000')
    await systemClock.sleep(300)
    writeFileSync(`${rotated}.gz`, gzipSync(readFileSync(rotated)))
    unlinkSync(rotated)
    append(numbered(100, 110))
    kubeletRotate('20260101-000001')
    append(numbered(110, 120))
    await expectExactly(numbered(0, 120))
    await h.stop()
    await h.start()
    await expectExactly(numbered(0, 120))
  })

  it('leaves alone what was rotated before its time', async () => {
    append(numbered(0, 5), `${file}.20250101-000000`)
    writeFileSync(
      `${file}.20240101-000000.gz`,
      gzipSync(
        numbered(0, 100)
          .map((text) => cri(text))
          .join(''),
      ),
    )
    append(numbered(5, 10))
    await systemClock.sleep(50)
    await h.start()
    await expectExactly(numbered(5, 10))
    kubeletRotate('20260101-000000')
    append(numbered(10, 12))
    await expectExactly(numbered(5, 12))
    await h.stop()
    await h.start()
    await expectExactly(numbered(5, 12))
  })

  it('takes the end of a rotated file as a line, though no line feed follows', async () => {
    appendFileSync(file, cri('whole') + cri('no end').trimEnd())
    await h.start()
    await expectExactly(['whole'])
    kubeletRotate('20260101-000000')
    await expectExactly(['whole', 'no end'])
  })

  it('passes on a partial line whose end never came, when its file is done', async () => {
    appendFileSync(file, cri('only a part', 'P'))
    await h.start()
    await systemClock.sleep(60)
    expect(h.bodies()).toEqual([])
    unlinkSync(file)
    await expectExactly(['only a part'])
    expect(await h.metric('fleetglass_filelog_blemishes_total{receiver="files",kind="unfinished"}')).toBe(1)
  })

  it('reads a file that is cut off and written anew', async () => {
    append(numbered(0, 50))
    await h.start()
    await expectExactly(numbered(0, 50))
    truncateSync(file)
    append(numbered(50, 55))
    await expectExactly(numbered(0, 55))
    expect(await h.metric('fleetglass_filelog_file_events_total{receiver="files",event="truncated"}')).toBe(1)
  })

  it('notices a cut off file that has grown past where it was', async () => {
    append(numbered(0, 5))
    await h.start()
    await expectExactly(numbered(0, 5))
    writeFileSync(
      file,
      numbered(5, 25)
        .map((text) => cri(text))
        .join(''),
    )
    await expectExactly(numbered(0, 25))
  })

  it('notices that while it was stopped, too', async () => {
    append(numbered(0, 5))
    await h.start()
    await expectExactly(numbered(0, 5))
    await h.stop()
    writeFileSync(
      file,
      numbered(5, 25)
        .map((text) => cri(text))
        .join(''),
    )
    await h.start()
    await expectExactly(numbered(0, 25))
  })

  it('goes on in the copy when a file is copied and cut off while nobody looked', async () => {
    append(numbered(0, 100))
    await h.start()
    await expectExactly(numbered(0, 100))
    await h.stop()
    append(numbered(100, 120))
    copyFileSync(file, `${file}.1`)
    truncateSync(file)
    append(numbered(120, 130))
    await h.start()
    await expectExactly(numbered(0, 130))
    await systemClock.sleep(250)
    await h.stop()
    await h.start()
    await expectExactly(numbered(0, 130))
  })

  it('loses nothing between the last look and copytruncate', async () => {
    append(numbered(0, 100))
    await h.start({ pollInterval: '200ms' })
    await expectExactly(numbered(0, 100))
    append(numbered(100, 120))
    copyFileSync(file, `${file}.1`)
    truncateSync(file)
    append(numbered(120, 130))
    await expectExactly(numbered(0, 130))
  })

  it('is not taken in by an inode that is used again', async () => {
    append(numbered(0, 5))
    await h.start()
    await expectExactly(numbered(0, 5))
    await h.stop()
    // Whether or not the file system gives the number again, the new file is read from its top.
    unlinkSync(file)
    append(numbered(5, 30))
    await h.start()
    await expectExactly(numbered(0, 30))
  })

  it('reads a file once whose next name is included too', async () => {
    append(numbered(0, 20))
    const config = { include: `${file}*` }
    await h.start(config)
    await expectExactly(numbered(0, 20))
    const rotated = kubeletRotate('1')
    append(numbered(20, 25), rotated)
    append(numbered(25, 30))
    await expectExactly(numbered(0, 30))
    await systemClock.sleep(250)
    renameSync(rotated, `${file}.2`)
    kubeletRotate('1')
    append(numbered(30, 35))
    await expectExactly(numbered(0, 35))
    await h.stop()
    await h.start(config)
    await expectExactly(numbered(0, 35))
  })

  it('knows a file by any of its names', async () => {
    append(numbered(0, 5))
    mkdirSync(path.join(h.dir, 'logs/containers'))
    symlinkSync(file, path.join(h.dir, 'logs/containers/cart.log'))
    await h.start({ include: [path.join(h.dir, 'logs/pods/*/*/*.log'), path.join(h.dir, 'logs/containers/*.log')] })
    await expectExactly(numbered(0, 5))
    kubeletRotate('20260101-000000')
    append(numbered(5, 10))
    await expectExactly(numbered(0, 10))
  })
})

describe('a full pipeline', () => {
  it('stops reading, tries again, and loses nothing', async () => {
    let refusals = 3
    h.onBatch = () => {
      if (refusals-- > 0) throw new AppError('exhausted', 'full')
    }
    append(numbered(0, 50))
    await h.start({ batchRecords: 10 })
    await expectExactly(numbered(0, 50))
    expect(h.bodies()).toEqual(numbered(0, 50))
    expect(await h.metric('fleetglass_filelog_refusals_total{receiver="files",code="exhausted"}')).toBe(3)
  })

  it('keeps files open that are rotated, compressed and deleted meanwhile', async () => {
    let full = true
    h.onBatch = () => {
      if (full) throw new AppError('unavailable', 'down')
    }
    append(numbered(0, 20))
    await h.start({ batchRecords: 5 })
    await untilFiles(1, 0)
    for (let i = 1; i <= 3; i++) {
      unlinkSync(kubeletRotate(String(i)))
      append(numbered(20 * i, 20 * i + 20))
      await untilFiles(1, i)
    }
    rmSync(dir, { recursive: true })
    await untilFiles(0, 4)
    full = false
    await expectExactly(numbered(0, 80))
  })

  it('counts and passes over what is refused for good', async () => {
    h.onBatch = (batch) => {
      if (batch.envelope.items === 3) throw new AppError('invalid', 'no')
    }
    append(numbered(0, 3))
    await h.start()
    const dropped = 'fleetglass_filelog_dropped_records_total{receiver="files",code="invalid"}'
    await untilMetric(dropped, 3)
    append(numbered(3, 5))
    await expectExactly(numbered(3, 5))
    expect(await h.metric(dropped)).toBe(3)
  })
})

describe('many files', () => {
  it('gives each its turn, though one of them is long', async () => {
    append(numbered(0, 20_000))
    const small = path.join(h.dir, 'logs/small.log')
    writeFileSync(small, cri('small'))
    await h.start()
    const deadline = Date.now() + 10_000
    while (h.bodies().length < 20_001 && Date.now() < deadline) await systemClock.sleep(20)
    expect(h.bodies()).toHaveLength(20_001)
    expect(h.bodies().indexOf('small')).toBeLessThan(3_000)
    expect(Math.max(...h.batches.map((batch) => batch.payload.length))).toBeLessThan(300 * 1024)
    expect(Math.max(...h.batches.map((batch) => batch.envelope.items))).toBeLessThanOrEqual(1_000)
  })

  it('reads more files than it may hold open', async () => {
    const files = Array.from({ length: 12 }, (_, i) => path.join(h.dir, `logs/${String(i)}.log`))
    for (const [i, one] of files.entries()) append(numbered(10 * i, 10 * i + 5), one)
    await h.start({ maxOpenFiles: 3 })
    await h.expectBodies(numbered(0, 60))
    for (const [i, one] of files.entries()) append(numbered(10 * i + 5, 10 * i + 10), one)
    await expectExactly(numbered(0, 120))
    expect(await h.metric('fleetglass_filelog_files{receiver="files",state="closed"}')).toBeGreaterThan(5)
  })

  it('leaves out what is excluded', async () => {
    append(['yes'])
    append(['no'], path.join(h.dir, 'logs/secret.log'))
    await h.start({ exclude: path.join(h.dir, 'logs/sec*.log') })
    await expectExactly(['yes'])
  })

  it('begins at the end where told so, but reads files that come later whole', async () => {
    append(['old'])
    appendFileSync(file, cri('half').slice(0, 20))
    await h.start({ startAt: 'end' })
    await untilFiles(1, 0)
    appendFileSync(file, `rest\n${cri('new')}`)
    append(['other'], path.join(h.dir, 'logs/later.log'))
    await expectExactly(['new', 'other'])
    await h.stop()
    append(['while stopped'])
    append(['another'], path.join(h.dir, 'logs/much-later.log'))
    await h.start({ startAt: 'end' })
    await expectExactly(['new', 'other', 'while stopped', 'another'])
  })
})

describe('restarts', () => {
  it('goes on where it was', async () => {
    append(numbered(0, 10))
    await h.start()
    await expectExactly(numbered(0, 10))
    await h.stop()
    append(numbered(10, 20))
    await h.start()
    await expectExactly(numbered(0, 20))
  })

  it('repeats nothing when killed after the log took a batch and before the checkpoint was saved', async () => {
    append(numbered(0, 10))
    const state = path.join(h.dir, 'state/files.checkpoints')
    let before = Buffer.alloc(0)
    h.onBatch = () => {
      before = readFileSync(state)
    }
    await h.start()
    await expectExactly(numbered(0, 10))
    await h.stop()
    // As if the program had died in between: the batch is in the log, the file is as it was before.
    writeFileSync(state, before)
    append(numbered(10, 12))
    await h.start()
    await expectExactly(numbered(0, 12))
  })

  it('ignores a torn last step', async () => {
    append(numbered(0, 5))
    await h.start()
    await expectExactly(numbered(0, 5))
    await h.stop()
    appendFileSync(path.join(h.dir, 'state/files.checkpoints'), '0badc0de {"epoch":"x","seq')
    append(numbered(5, 8))
    await h.start()
    await expectExactly(numbered(0, 8))
  })

  it('keeps a damaged state aside and begins again', async () => {
    append(numbered(0, 5))
    await h.start()
    await expectExactly(numbered(0, 5))
    await h.stop()
    h.batches.length = 0
    writeFileSync(path.join(h.dir, 'state/files.checkpoints'), 'no state\nat all\n')
    await h.start({ startAt: 'end' })
    await expectExactly(numbered(0, 5))
    expect(readdirSync(path.join(h.dir, 'state')).filter((name) => name.includes('damaged'))).toHaveLength(1)
  })

  it('can be shut down before it was started, twice, and be started again', async () => {
    const receiver = await h.start()
    await receiver.shutdown(AbortSignal.timeout(1_000))
    await receiver.shutdown(AbortSignal.timeout(1_000))
    append(['x'])
    await receiver.start(AbortSignal.timeout(1_000))
    await expectExactly(['x'])
  })
})
