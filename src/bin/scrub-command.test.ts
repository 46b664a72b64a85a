import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { registerCommands } from '../cli/index.ts'
import { createInspector } from '../components/processors/scrub/index.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'scrub-command-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true })
  vi.restoreAllMocks()
  process.exitCode = 0
})

function write(name: string, text: string): string {
  const file = path.join(dir, name)
  writeFileSync(file, text)
  return file
}

/** What the command prints, and its exit code. */
async function test(...args: readonly string[]): Promise<{ readonly lines: string[]; readonly code: unknown }> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  const program = new Command('fleetglass').exitOverride()
  registerCommands(program, '.', createInspector)
  process.exitCode = 0
  await program.parseAsync(['node', 'fleetglass', 'scrub', 'test', ...args])
  return { lines: text.trimEnd().split('\n'), code: process.exitCode }
}

describe('fleetglass scrub test', () => {
  const LINES = 'started\nmail to alice@example.com, card 4111111111111111\n{"mail":"bob@example.org"}\n'

  it('shows what would be found in lines and what would become of them, without the values', async () => {
    expect(await test(write('app.log', LINES))).toEqual({
      code: 1,
      lines: [
        'line 2, body: email (redact), bytes 8 to 25',
        'line 2, body: credit-card (redact), bytes 32 to 48',
        '  → mail to [email], card [credit-card]',
        'line 3, body: email (redact), bytes 9 to 24',
        '  → {"mail":"[email]"}',
        '3 records, 3 found: email 2, credit-card 1',
      ],
    })
  })

  it('shows values if asked to, and takes kinds or a file of rules', async () => {
    const log = write('app.log', LINES)
    expect(await test(log, '--rules', 'credit-card', '--show-values')).toMatchObject({
      lines: [expect.stringContaining('4111111111111111'), expect.anything(), '3 records, 1 found: credit-card 1'],
    })
    const rules = write(
      'rules.yaml',
      '- { detect: email, action: drop-record }\n- { detect: { name: x, expression: start } }\n',
    )
    expect((await test(log, '--rules', rules)).lines).toEqual([
      'line 1, body: x (redact), bytes 0 to 5',
      '  → [x]ed',
      'line 2, body: email (drop-record), bytes 8 to 25',
      '  → 1 dropped',
      'line 3, body: email (drop-record), bytes 9 to 24',
      '  → 1 dropped',
      '3 records, 3 found: x 1, email 2; 2 dropped',
    ])
  })

  it('reads OTLP/JSON, with rules of a fleet file, and ends with 0 where there is nothing', async () => {
    const fleet = write(
      'fleet.yaml',
      `fleet: f
hub: { cluster: ops }
defaults: { scrub: { rules: [{ detect: email, action: pseudonym, in: [attributes] }], key: { env: NOT_SET } } }
clusters: { dev: { environment: dev, region: r } }
`,
    )
    const attributes = [
      { key: 'user', value: { kvlistValue: { values: [{ key: 'mail', value: { stringValue: 'a@example.com' } }] } } },
    ]
    const spans = [{ name: 'a@example.com', attributes }]
    const file = write('spans.json', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }, null, 2))
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const { lines, code } = await test(file, '--fleet', fleet, '--cluster', 'dev')
    expect(lines[0]).toBe('traces, attributes user.mail: email (pseudonym), bytes 0 to 13')
    expect(lines[1]).toMatch(/^ {2}→ \[email:[b-t]{20}\]$/)
    expect([lines.length, code]).toEqual([3, 1])
    expect(String(stderr.mock.calls[0]?.[0])).toContain('NOT_SET')
    expect(await test(write('x.log', 'nothing'))).toEqual({ lines: ['1 records, nothing found'], code: 0 })
  })

  it('says what is wrong with its options', async () => {
    const log = write('app.log', LINES)
    await expect(test(log, '--rules', 'emial')).rejects.toMatchObject({ code: 'invalid' })
    await expect(test(log, '--cluster', 'dev')).rejects.toThrow('--fleet')
    await expect(test(path.join(dir, 'absent'))).rejects.toMatchObject({ code: 'not_found' })
  })
})
