import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedMaterial } from '../../core/testing/shared-material.ts'
import { type ExpositionFormat, ExpositionParser, expositionFormatOf } from './index.ts'

/** What the parser sees, one line an entry. */
function read(format: ExpositionFormat, text: string | Uint8Array): string[] {
  const parser = new ExpositionParser(typeof text === 'string' ? Buffer.from(text) : text, { format })
  const seen: string[] = []
  for (let entry = parser.next(); entry !== 'end'; entry = parser.next()) {
    if (entry !== 'sample') {
      seen.push(`${entry} ${parser.family} ${entry === 'type' ? parser.type : parser.text}`)
      continue
    }
    let line = `${parser.labels().join('|')} ${String(parser.value)}`
    if (parser.timestampMs !== undefined) line += ` @${String(parser.timestampMs)}`
    if (parser.hasExemplar) {
      const { labels, value, timestampMs } = parser.exemplar()
      line += ` # ${labels.join('|')} ${String(value)}`
      if (timestampMs !== undefined) line += ` @${String(timestampMs)}`
    }
    seen.push(line)
  }
  return seen
}

describe('the text format', () => {
  const reads: readonly (readonly [text: string, ...seen: string[]])[] = [
    ['', ...[]],
    ['a 1', '__name__|a 1'],
    ['a 1\n\n\nb 2\n', '__name__|a 1', '__name__|b 2'],
    [' \t a \t 1 \t -1395066363000 \t \n', '__name__|a 1 @-1395066363000'],
    ['a{b="c" , d = "e",} 1\n', '__name__|a|b|c|d|e 1'],
    ['a { } 1\n', '__name__|a 1'],
    ['a{b=""} 1\n', '__name__|a 1'],
    ['a{b="\\"x\\\\y\\nz\\q"} 1\n', '__name__|a|b|"x\\y\nz\\q 1'],
    ['a{b="über ☃ 🎉"} 1\n', '__name__|a|b|über ☃ 🎉 1'],
    ['a:b{le="+Inf"}+Inf\n', '__name__|a:b|le|+Inf Infinity'],
    [
      'a -inf\nb nAn\nc 1e-3\nd .5\ne 5.\n',
      '__name__|a -Infinity',
      '__name__|b NaN',
      '__name__|c 0.001',
      '__name__|d 0.5',
      '__name__|e 5',
    ],
    ['# HELP  a \t some \\\\ help \\n and \\" more\n', 'help a some \\ help \n and \\" more'],
    ['# HELP a\n# HELP b \n', 'help a ', 'help b '],
    ['#   TYPE a   untyped\n# TYPE b histogram \n', 'type a unknown', 'type b histogram'],
    ['# a comment\n#HELP a no help\n# TYPES a b\n# HELP\n#\n# UNIT a s\n', ...[]],
    ['{"my.metric"} 1\n{"my.metric",a="b","c.d"="e"} 2\n', '__name__|my.metric 1', '__name__|my.metric|a|b|c.d|e 2'],
    ['# TYPE "my.metric" counter\n', 'type my.metric counter'],
  ]
  it.each(reads)('reads %j', (text, ...seen) => {
    expect(read('prometheus-text', text)).toEqual(seen)
  })

  const refuses: readonly (readonly [text: string, line: number, column: number])[] = [
    ['a', 1, 2],
    ['a{', 1, 3],
    ['a{b="c"', 1, 8],
    ['a{b="c', 1, 5],
    ['a{b=c} 1', 1, 5],
    ['a{b} 1', 1, 4],
    ['a{,} 1', 1, 3],
    ['a{b="c",,} 1', 1, 9],
    ['a{1b="c"} 1', 1, 3],
    ['1a 1', 1, 1],
    ['ok 1\n  é 1', 2, 3],
    ['a 1 1.5', 1, 5],
    ['a 1 1 1', 1, 7],
    ['a 1 # {} 1', 1, 5],
    ['a 1\r\n', 1, 3],
    ['a 0x1p3', 1, 3],
    ['a 1_000', 1, 3],
    ['a 1e', 1, 3],
    ['a .', 1, 3],
    ['a +nan', 1, 3],
    ['a 1e999', 1, 3],
    ['a infinit', 1, 3],
    ['# TYPE a thing', 1, 10],
    ['# TYPE a', 1, 9],
    ['# HELP 0a x', 1, 8],
    ['a{b="1",b="2"} 1', 1, 9],
    ['a{__name__="b"} 1', 1, 3],
    ['{a="b"} 1', 1, 1],
    ['{"a","b"} 1', 1, 9],
  ]
  it.each(refuses)('refuses %j at line %d, column %d', (text, line, column) => {
    expect(() => read('prometheus-text', text)).toThrow(expect.objectContaining({ code: 'invalid', line, column }))
  })

  it('refuses label values that are not UTF-8', () => {
    expect(() => read('prometheus-text', Buffer.from('a{b="\xff"} 1\n', 'latin1'))).toThrow(/UTF-8/)
  })
})

describe('OpenMetrics', () => {
  const reads: readonly (readonly [text: string, ...seen: string[]])[] = [
    ['# EOF', ...[]],
    ['a 1\n# EOF\n', '__name__|a 1'],
    ['a{} 1 1.5\n# EOF\n', '__name__|a 1 @1500'],
    ['a{b="c"} 1 -0.0005\n# EOF\n', '__name__|a|b|c 1 @-0.5'],
    ['a_total 1 # {} 0.5\n# EOF\n', '__name__|a_total 1 #  0.5'],
    ['a_total 1 2 # {x="# y",z="\\""} 5e-1 3\n# EOF\n', '__name__|a_total 1 @2000 # x|# y|z|" 0.5 @3000'],
    ['# TYPE a gaugehistogram\n# UNIT a_s s\n# UNIT a \n# EOF', 'type a gaugehistogram', 'unit a_s s', 'unit a '],
    ['# HELP a \\"quoted\\" "raw" \\\\ \\n \\t\n# EOF', 'help a "quoted" "raw" \\ \n \\t'],
    // Wrong in meaning, not in form: a scraper takes it.
    [
      '# TYPE a counter\na -1\na -1\n# TYPE a gauge\n# EOF',
      'type a counter',
      '__name__|a -1',
      '__name__|a -1',
      'type a gauge',
    ],
    ['# TYPE "my.metric" counter\n{"my.metric",a="b"} 1\n# EOF', 'type my.metric counter', '__name__|my.metric|a|b 1'],
  ]
  it.each(reads)('reads %j', (text, ...seen) => {
    expect(read('openmetrics-text', text)).toEqual(seen)
  })

  const refuses: readonly string[] = [
    '',
    'a 1\n',
    'a 1',
    'a 1\n# EOF\n\n',
    'a 1\n# EOFx',
    '\n# EOF',
    'a  1\n# EOF',
    'a 1 \n# EOF',
    ' a 1\n# EOF',
    'a{b="c",} 1\n# EOF',
    'a{b="c", d="e"} 1\n# EOF',
    'a{b="c\n"} 1\n# EOF',
    'a{b="c\\\n"} 1\n# EOF',
    'a{b="c"}1\n# EOF',
    'a 1 NaN\n# EOF',
    'a 1 +Inf\n# EOF',
    'a 1 # {} 1 Inf\n# EOF',
    'a 1 # {"x"} 1\n# EOF',
    'a 1 #{} 1\n# EOF',
    'a 1# {} 1\n# EOF',
    '# TYPE a untyped\n# EOF',
    '# TYPE a gauge \n# EOF',
    '# comment\n# EOF',
    '# UNIT a µs\n# EOF',
  ]
  it.each(refuses)('refuses %j', (text) => {
    expect(() => read('openmetrics-text', text)).toThrow(expect.objectContaining({ name: 'ExpositionError' }))
  })
})

describe('ExpositionParser', () => {
  it('reads every number as JavaScript does', () => {
    const written = fc.oneof(
      fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
      fc.stringMatching(/^[+-]?\d{1,25}(\.\d{0,25})?([eE][+-]?\d{1,3})?$/),
      fc.stringMatching(/^[+-]?\.\d{1,25}$/),
    )
    fc.assert(
      fc.property(written, (number) => {
        fc.pre(Number.isFinite(Number(number)))
        const parser = new ExpositionParser(Buffer.from(`a ${number}`), { format: 'prometheus-text' })
        parser.next()
        expect(parser.value).toBe(Number(number))
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives equal series equal keys and exemplars theirs', () => {
    const text = 'a{x="é"} 1 # {t="1"} 1 2\na{x="é"} 2 # {t="1"} 1 2\na{x="e"} 1 # {t="1"} 1 3\n# EOF'
    const parser = new ExpositionParser(Buffer.from(text), { format: 'openmetrics-text' })
    const keys: string[][] = []
    while (parser.next() !== 'end') keys.push([parser.seriesKey(), parser.exemplarKey()])
    expect(keys[1]).toEqual(keys[0])
    expect(keys[2]?.[0]).not.toBe(keys[0]?.[0])
    expect(keys[2]?.[1]).not.toBe(keys[0]?.[1])
  })

  const nodeExporter = sharedMaterial('data/prometheus/node-exporter.txt')
  it.skipIf(nodeExporter === undefined)('reads a whole node exporter', () => {
    const text = readFileSync(nodeExporter ?? '', 'utf8')
    const seen = read('prometheus-text', text)
    const sampleLines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(seen.filter((line) => line.startsWith('__name__'))).toHaveLength(sampleLines.length)
    expect(seen).toContain('type node_cpu_seconds_total counter')
  })

  it('fails with nothing but its own error, and ends, on whatever comes', () => {
    const seed = [
      '# HELP a_seconds text \\n\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n',
      'a_seconds_bucket{x="\\"é",le="1.0"} 3 1520879607.789 # {trace="☃"} 0.5 1520879607.789\n',
      'a_seconds_count 17\n{"my.metric","a.b"="c"} NaN\n# EOF\n',
    ].join('')
    const mutations = fc.array(fc.tuple(fc.nat(seed.length + 10), fc.nat(2), fc.nat(255)), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(
        mutations,
        fc.constantFrom<ExpositionFormat>('prometheus-text', 'openmetrics-text'),
        (edits, format) => {
          const bytes = [...Buffer.from(seed)]
          for (const [at, kind, byte] of edits) bytes.splice(at, kind === 0 ? 0 : 1, ...(kind === 1 ? [] : [byte]))
          try {
            read(format, Uint8Array.from(bytes))
          } catch (reason) {
            expect(reason).toMatchObject({ name: 'ExpositionError', code: 'invalid' })
          }
        },
      ),
      { numRuns: 5_000 },
    )
  })
})

describe('expositionFormatOf', () => {
  it.each([
    ['text/plain; version=0.0.4; charset=utf-8', 'prometheus-text'],
    ['TEXT/Plain', 'prometheus-text'],
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics-text'],
    ['text/html', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %s', (contentType, format) => {
    expect(expositionFormatOf(contentType)).toBe(format)
  })
})
