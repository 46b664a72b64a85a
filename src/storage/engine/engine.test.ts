import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildEngineProgram } from '../testing/engine-program.ts'
import { noEngineReason } from '../testing/test-engine.ts'

/** What curl and every other client of ClickHouse sees; `../client.test.ts` has what ours sees. */
describe.skipIf(noEngineReason !== undefined)(`the engine's HTTP interface ${noEngineReason ?? ''}`, () => {
  let built: Awaited<ReturnType<typeof buildEngineProgram>>
  let dir: string
  let child: ChildProcess
  let port = 0
  beforeAll(async () => {
    built = await buildEngineProgram()
    dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-engine-'))
    mkdirSync(path.join(dir, 'inserts'))
    writeFileSync(path.join(dir, 'inserts', 'left-behind'), 'x')
    child = fork(built.program, ['--dir', dir, '--port', '0'], {
      execArgv: [],
      env: { ...process.env, FLEETGLASS_LOG_LEVEL: 'warn' },
    })
    const ready = await new Promise<{ port: number }>((resolve) => child.once('message', resolve as () => void))
    port = ready.port
    await post('CREATE DATABASE shop')
    await post(
      'CREATE TABLE t (name String, n UInt64, d String DEFAULT concat(name, name)) ENGINE = MergeTree ORDER BY n',
      'database=shop',
    )
  })
  afterAll(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
    built.remove()
    rmSync(dir, { recursive: true, force: true })
  })

  const url = (query = ''): string => `http://127.0.0.1:${String(port)}/?${query}`
  const get = (query: string): Promise<Response> => fetch(url(query))
  const post = (body: string | Buffer, query = '', headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url(query), { method: 'POST', body, headers })

  it('is alive', async () => {
    const response = await fetch(`http://127.0.0.1:${String(port)}/ping`)
    expect(await response.text()).toBe('Ok.\n')
  })

  it.each([
    ['SELECT 1 AS a', '', '1\n', 'TabSeparated'],
    ['SELECT 1 AS a FORMAT CSVWithNames', '', '"a"\n1\n', 'CSVWithNames'],
    ['SELECT 1 AS a', 'default_format=JSONEachRow', '{"a":1}\n', 'JSONEachRow'],
    ['SELECT currentDatabase()', '', 'default\n', 'TabSeparated'],
    ['SELECT currentDatabase()', 'database=shop', 'shop\n', 'TabSeparated'],
    ["SELECT getSetting('max_threads')", 'max_threads=1', '1\n', 'TabSeparated'],
    ['SELECT {a:UInt8} + {b:Int32}', 'param_a=2&param_b=-5', '-3\n', 'TabSeparated'],
    ["SELECT {x:String} = 'it''s\\ta'", 'param_x=it%5C%27s%5Cta', '1\n', 'TabSeparated'],
    ['/* a comment */ SELECT 1; ', '', '1\n', 'TabSeparated'],
  ])('answers %s with ?%s', async (statement, query, expected, format) => {
    const response = await post(statement, `query_id=mine&${query}`)
    expect(await response.text()).toBe(expected)
    expect(response.status).toBe(200)
    expect(response.headers.get('X-ClickHouse-Format')).toBe(format)
    expect(response.headers.get('X-ClickHouse-Query-Id')).toBe('mine')
    expect(JSON.parse(response.headers.get('X-ClickHouse-Summary') ?? '')).toHaveProperty('read_rows')
  })

  it.each([
    ['SELECT * FROM nope', '', 404, 60],
    ['SELECT 1', 'database=nope', 404, 81],
    ['SELECT nope()', '', 404, 46],
    ['SELECT 1', 'nope=1', 404, 115],
    ['SELECT', '', 400, 62],
    ['SELECT {a:String}', '', 400, 456],
    ['SELECT {left:String}', '', 400, 456],
    ['SELECT 1', 'x%27y=1', 400, 36],
    ['SELECT throwIf(1)', '', 500, 395],
    ['SELECT groupArray(number) FROM numbers(10000000)', 'max_memory_usage=1000000', 500, 241],
  ])('refuses %s with ?%s', async (statement, query, status, code) => {
    await post('SELECT {left:String}', 'param_left=behind')
    const response = await post(statement, query)
    expect(response.status).toBe(status)
    expect(response.headers.get('X-ClickHouse-Exception-Code')).toBe(String(code))
    expect(await response.text()).toMatch(new RegExp(`^Code: ${String(code)}\\. DB::Exception: .*\\([A-Z_]+\\)`, 's'))
  })

  it('lets a GET read, and nothing else', async () => {
    expect(await (await get('query=SELECT+1')).text()).toBe('1\n')
    const response = await get('query=DROP+TABLE+shop.t')
    expect([response.status, response.headers.get('X-ClickHouse-Exception-Code')]).toEqual([403, '164'])
  })

  it.each([
    ['query=INSERT+INTO+t+(name,n)+FORMAT+TSV', '007\t1\n', ['007', 1, '007007']],
    ['query=INSERT+INTO+t+FORMAT+CSV', '"a,b",2,x\n', ['a,b', 2, 'x']],
    ['query=INSERT+INTO+`t`+(n,name)+FORMAT+JSONEachRow', '{"name":"q;\'","n":3}\n', ["q;'", 3, "q;'q;'"]],
    ['', 'INSERT INTO t (name, n) FORMAT JSONEachRow\n{"name":"inline","n":4}', ['inline', 4, 'inlineinline']],
    ['', "INSERT INTO shop.t (name, n) VALUES ('v;w', 5)", ['v;w', 5, 'v;wv;w']],
    ['', 'INSERT INTO t (name, n) SETTINGS max_threads = 1 FORMAT TSV\ns\t6', ['s', 6, 'ss']],
    ['', "INSERT INTO t (name, n) SELECT 'selected', 7", ['selected', 7, 'selectedselected']],
  ])('inserts ?%s', async (query, body, [name, n, d]) => {
    const response = await post(body, `database=shop&${query}`)
    expect([response.status, await response.text()]).toEqual([200, ''])
    const stored = await post(
      `SELECT name, n, d FROM shop.t WHERE n = ${String(n)} FORMAT JSONCompactEachRow SETTINGS output_format_json_quote_64bit_integers = 0`,
    )
    expect(JSON.parse(await stored.text())).toEqual([name, n, d])
  })

  it('takes and gives gzip', async () => {
    const body = gzipSync('zipped\t8\n')
    await post(body, 'database=shop&query=INSERT+INTO+t+(name,n)+FORMAT+TSV', { 'Content-Encoding': 'gzip' })
    const head = { 'Accept-Encoding': 'gzip' }
    const response = await raw(
      `POST /?database=shop&enable_http_compression=1 HTTP/1.1`,
      head,
      "SELECT name, repeat('x', 5000) FROM t WHERE n = 8",
    )
    expect(response.head).toContain('Content-Encoding: gzip')
    expect(gunzipSync(response.body).toString()).toBe(`zipped\t${'x'.repeat(5000)}\n`)
    const plain = await post('SELECT 1', 'query=', { 'Content-Encoding': 'br' })
    expect(plain.status).toBe(400)
  })

  it('stores nothing of an upload that breaks off', async () => {
    const socket = connect(port, '127.0.0.1')
    const head =
      'POST /?database=shop&query=INSERT+INTO+t+(name,n)+FORMAT+TSV HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n'
    socket.write(`${head}broken\t99\n`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    socket.destroy()
    await expect.poll(() => readdirSync(path.join(dir, 'inserts'))).toEqual([])
    expect(await (await post('SELECT count() FROM shop.t WHERE n = 99')).text()).toBe('0\n')
  })

  it('removes what an earlier process left of inserts, and its own', () => {
    expect(readdirSync(path.join(dir, 'inserts'))).toEqual([])
  })

  it('knows no other addresses', async () => {
    expect((await fetch(`http://127.0.0.1:${String(port)}/dashboard`)).status).toBe(404)
    expect((await fetch(url(), { method: 'DELETE' })).status).toBe(405)
  })

  /** A request without fetch, which would unzip the answer. */
  async function raw(
    start: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<{ head: string; body: Buffer }> {
    const socket = connect(port, '127.0.0.1')
    const lines = [
      start,
      'Host: x',
      'Connection: close',
      `Content-Length: ${String(Buffer.byteLength(body))}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    const answer = Buffer.concat(chunks)
    const end = answer.indexOf('\r\n\r\n')
    const text = answer.subarray(0, end).toString()
    const rest = answer.subarray(end + 4)
    if (!text.includes('chunked')) return { head: text, body: rest }
    const sizeEnd = rest.indexOf('\r\n')
    return {
      head: text,
      body: rest.subarray(sizeEnd + 2, sizeEnd + 2 + parseInt(rest.subarray(0, sizeEnd).toString(), 16)),
    }
  }
})
