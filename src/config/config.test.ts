import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  byteSizeSchema,
  ConfigError,
  durationSchema,
  loadConfig,
  parseByteSize,
  parseDuration,
  resolveSecret,
  secretSchema,
  toJsonSchema,
  validateConfig,
} from './index.ts'

const schema = z.strictObject({
  name: z.string().min(2),
  keep: durationSchema.prefault('30d'),
  limit: byteSizeSchema.prefault('1GiB'),
  port: z.int().min(1).max(65535).optional(),
  mode: z.enum(['fast', 'safe']).optional(),
  token: secretSchema.optional(),
  clusters: z
    .record(
      z.string().regex(/^[a-z-]+$/, 'expected a lower-case name'),
      z.strictObject({ region: z.string(), otlpGrpc: z.int().optional() }),
    )
    .prefault({}),
  engine: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('embedded'), path: z.string() }),
      z.strictObject({ kind: z.literal('clickhouse'), url: z.string() }),
    ])
    .optional(),
  address: z.union([z.int(), z.string()]).optional(),
  jobs: z.array(z.strictObject({ job: z.string() })).optional(),
})

function problemsOf(text: string, env?: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(schema, text, { file: 'f.yaml', ...(env === undefined ? {} : { env }) })
    return []
  } catch (reason) {
    if (!(reason instanceof ConfigError)) throw reason
    return reason.problems.map((p) => `${String(p.line ?? '?')} ${p.path}: ${p.message}`)
  }
}

describe('loadConfig', () => {
  it('fills defaults and converts quantities', () => {
    expect(loadConfig(schema, 'name: ab\ntoken: { env: HOME }', { file: 'f.yaml' })).toEqual({
      name: 'ab',
      keep: 30 * 86_400_000,
      limit: 2 ** 30,
      token: { env: 'HOME' },
      clusters: {},
    })
  })

  const cases: readonly (readonly [title: string, text: string, problems: readonly string[]])[] = [
    ['an empty file', '', ['? : the file is empty']],
    ['comments only', '# nothing\n', ['? : the file is empty']],
    ['text that is no map', 'hello', ['1 : expected a map, found text']],
    [
      'broken YAML',
      'name: [a\nport: 1',
      ['2 : no valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    [
      'a missing key, at what should contain it',
      'name: ab\nclusters:\n  dev: { }',
      ['3 clusters.dev.region: is missing: expected text'],
    ],
    [
      'an unknown key with its neighbour',
      'name: ab\nclusters:\n  dev:\n    region: x\n    otlp_grpc: 1',
      ['5 clusters.dev.otlp_grpc: unknown key: did you mean otlpGrpc?'],
    ],
    [
      'an unknown key like none',
      'name: ab\njobs: [{ job: a, zzzzz: 1 }]',
      ['2 jobs[0].zzzzz: unknown key: known are job'],
    ],
    ['a duplicate key', 'name: ab\nport: 1\nport: 2', ['3 port: stands here twice, first on line 2']],
    [
      'wrong types',
      'name: 5\nport: 80x\njobs: x',
      [
        '1 name: expected text, found a number',
        '2 port: expected a number, found text',
        '3 jobs: expected a list, found text',
      ],
    ],
    ['limits', 'name: a\nport: 70000', ['1 name: expected at least 2 characters', '2 port: expected at most 65535']],
    ['an enum', 'name: ab\nmode: slow', ['2 mode: expected "fast" or "safe"']],
    [
      'a duration without a unit',
      'name: ab\nkeep: 30',
      ['2 keep: expected a duration with its unit, such as 15s, 5m or 30d'],
    ],
    ['no duration', 'name: ab\nkeep: soon', ['2 keep: expected a duration such as 500ms, 15s, 5m, 1h30m or 30d']],
    ['no size', 'name: ab\nlimit: 10G', ['2 limit: expected a size such as 64KiB, 512MiB, 10GiB or 1.5GB']],
    [
      'a bad key of a record',
      'name: ab\nclusters:\n  Dev: { region: x }',
      ['3 clusters.Dev: expected a lower-case name'],
    ],
    [
      'a union by its discriminator',
      'name: ab\nengine: { kind: embedded }',
      ['2 engine.path: is missing: expected text'],
    ],
    [
      'an unknown key in a branch of a union',
      'name: ab\nengine: { kind: embedded, path: x, pth: y }',
      ['2 engine.pth: unknown key: did you mean path?'],
    ],
    [
      'an unknown discriminator',
      'name: ab\nengine: { kind: duck }',
      ['2 engine.kind: expected "embedded" or "clickhouse"'],
    ],
    [
      'a plain union',
      'name: ab\naddress: true',
      ['2 address: expected a number, found true or false, or expected text, found true or false'],
    ],
    [
      'what templating left behind',
      'name: $(CLUSTER)\nclusters:\n  dev: { region: "a-${REGION}" }',
      [
        '1 name: $(CLUSTER) was not expanded: this file is read as it stands',
        '3 clusters.dev.region: ${REGION} was not expanded: this file is read as it stands',
      ],
    ],
    [
      'everything at once, in the order of the file',
      'clusters:\n  dev: {}\nname: a\nport: 0',
      [
        '2 clusters.dev.region: is missing: expected text',
        '3 name: expected at least 2 characters',
        '4 port: expected at least 1',
      ],
    ],
    [
      'an alias of nothing',
      'name: *a',
      ['? : cannot follow its aliases: Unresolved alias (the anchor must be set before the alias): a'],
    ],
    [
      'a value that holds itself',
      'name: &a [*a]',
      [expect.stringContaining('? : cannot follow its aliases: Converting circular structure') as string],
    ],
    [
      'a key with a dot',
      'name: ab\n"a.b": 1',
      ['2 ["a.b"]: unknown key: known are name, keep, limit, port, mode, token, clusters, engine, address, jobs'],
    ],
  ]
  it.each(cases)('names %s', (_title, text, problems) => {
    expect(problemsOf(text)).toEqual(problems)
  })

  it('leaves groups of a replacement alone', () => {
    expect(loadConfig(schema, 'name: "${1}:9100"', { file: 'f.yaml' }).name).toBe('${1}:9100')
  })

  it('refuses a literal secret without repeating it', () => {
    const [problem = ''] = problemsOf('name: ab\ntoken: hunter2')
    expect(problem).toBe(
      '2 token: a secret is never written into this file: write { env: NAME } or { file: PATH }, and put the value there',
    )
    expect(problemsOf('name: ab\ntoken: { env: A, file: b }')).toEqual([
      '2 token: expected either env or file: write { env: NAME } or { file: PATH }',
    ])
    expect(problemsOf('name: ab\ntoken: { value: hunter2 }').join()).not.toContain('hunter2')
  })

  it('checks that variables of secrets are set only when it gets the environment', () => {
    const text = 'name: ab\ntoken:\n  env: HEC_TOKEN'
    expect(problemsOf(text)).toEqual([])
    expect(problemsOf(text, { HEC_TOKEN: 'x' })).toEqual([])
    expect(problemsOf(text, {})).toEqual(['2 token: the environment variable HEC_TOKEN is not set'])
  })

  it('renders a problem a line, with the file in front', () => {
    expect(() => loadConfig(schema, 'name: a\nport: 0', { file: 'dir/f.yaml' })).toThrow(
      'dir/f.yaml:1: name: expected at least 2 characters\ndir/f.yaml:2: port: expected at least 1',
    )
  })

  it('never throws anything but a ConfigError, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.stringMatching(/^[ab:&*\-[\]{}\n"'!|>? ]{0,40}$/)), (text) => {
        try {
          loadConfig(schema, text, { file: 'f' })
        } catch (reason) {
          expect(reason).toBeInstanceOf(ConfigError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('validateConfig', () => {
  it('names problems at the place where the part stands', () => {
    const yamlText = 'receivers:\n  one:\n    - job: 5'
    const place = { file: 'edge.yaml', prefix: ['receivers', 'one'], yamlText }
    expect(() => validateConfig(z.array(z.strictObject({ job: z.string() })), [{ job: 5 }], place)).toThrow(
      'edge.yaml:3: receivers.one[0].job: expected text, found a number',
    )
  })
})

describe('quantities', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['15s', 15_000],
    ['1h30m', 5_400_000],
    ['30d', 2_592_000_000],
    ['1y2w', 31_536_000_000 + 1_209_600_000],
    ['', undefined],
    ['15', undefined],
    ['30m1h', undefined],
    ['1.5h', undefined],
    ['-1s', undefined],
  ])('reads the duration %j as %j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    ['0B', 0],
    ['64KiB', 65_536],
    ['1.5GB', 1_500_000_000],
    ['10GiB', 10 * 2 ** 30],
    ['10', undefined],
    ['10G', undefined],
    ['1.GiB', undefined],
  ])('reads the size %j as %j', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes)
  })
})

describe('resolveSecret', () => {
  it('reads variables and files, and says what is missing', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'config-')), 'token')
    await writeFile(file, 'from-file\n')
    expect(await resolveSecret({ env: 'T' }, { T: 'from-env' })).toBe('from-env')
    expect(await resolveSecret({ file })).toBe('from-file')
    await writeFile(file, '\n')
    await expect(resolveSecret({ env: 'T' }, {})).rejects.toMatchObject({ code: 'invalid' })
    await expect(resolveSecret({ file })).rejects.toMatchObject({ code: 'invalid' })
    await expect(resolveSecret({ file: `${file}.no` })).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('toJsonSchema', () => {
  it('describes what one writes, not what the program gets', () => {
    const json = toJsonSchema(schema)
    expect(json['required']).toEqual(['name'])
    expect(json['properties']).toMatchObject({ keep: { type: 'string', default: '30d' }, token: { type: 'object' } })
  })
})
