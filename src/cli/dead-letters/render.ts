import { Buffer } from 'node:buffer'
import type { DeadLetterEntry } from '../../contract/index.ts'
import type { DeadLetter, LetterSummary } from '../../pipeline/dead-letters/index.ts'
import { formatBytes } from '../format.ts'
import { toPrintable } from '../printable.ts'
import { renderTable } from '../table.ts'

export type ListedLetter = DeadLetterEntry

export function toListed({ consumer, id, state, head, payloadBytes }: LetterSummary): ListedLetter {
  const { atMs, reason, message, envelope } = head
  return {
    consumer,
    id,
    state: state === 'replay' ? 'replaying' : 'waiting',
    atMs,
    reason,
    message,
    payloadBytes,
    ...(envelope === undefined
      ? {}
      : {
          cluster: envelope.identity.cluster,
          tenant: envelope.identity.tenant,
          signal: envelope.signal,
          items: envelope.items,
        }),
  }
}

export function renderLetters(letters: readonly ListedLetter[], damaged: number): string {
  const right = { align: 'right' } as const
  const table = renderTable(
    [
      { title: 'LETTER' },
      { title: 'STATE' },
      { title: 'PUT ASIDE' },
      { title: 'CLUSTER' },
      { title: 'SIGNAL' },
      { title: 'ITEMS', ...right },
      { title: 'SIZE', ...right },
      { title: 'REASON' },
      { title: 'WHY' },
    ],
    letters.map((letter) => [
      `${letter.consumer}/${letter.id}`,
      letter.state,
      new Date(letter.atMs).toISOString(),
      toPrintable(letter.cluster ?? '-'),
      letter.signal ?? '-',
      letter.items === undefined ? '-' : String(letter.items),
      formatBytes(letter.payloadBytes),
      toPrintable(letter.reason),
      toPrintable(letter.message),
    ]),
  )
  const lines = letters.length === 0 ? ['no dead letters'] : [table]
  if (damaged > 0) lines.push(`${String(damaged)} damaged ${damaged === 1 ? 'file' : 'files'} passed over`)
  return lines.join('\n\n')
}

const HEX_LINE = 32

/** What is known of a letter; its payload only on request, for it is telemetry. */
export function renderLetter({ payload, ...head }: DeadLetter, withPayload: boolean): string {
  const about = toPrintableJson({ ...head, payloadBytes: payload.length })
  return withPayload ? `${about}\n${renderPayload(payload)}` : about
}

function toPrintableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).split('\n').map(toPrintable).join('\n')
}

/** Bytes and the text in them, as `hexdump -C` shows them: a payload that could not be decoded has no better form. */
function renderPayload(payload: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < payload.length; at += HEX_LINE) {
    const bytes = Buffer.from(payload.subarray(at, at + HEX_LINE))
    const hex = bytes.toString('hex').padEnd(2 * HEX_LINE)
    const text = bytes.toString('latin1').replaceAll(/[^\u0020-\u007e]/g, '.')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex}  ${text}`)
  }
  return lines.join('\n')
}
