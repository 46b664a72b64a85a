import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Logger, messageOf, type Metrics } from '../../core/index.ts'

/** A record that cannot be stored. */
interface DeadLetter {
  /** Of the log that the record comes from. */
  readonly epoch: string
  readonly sequence: number
  /** The record as the log has it. */
  readonly bytes: Uint8Array
  readonly reason: string
  readonly message: string
}

/** Where records go that cannot be stored, so that they block nobody and are not lost. */
export interface DeadLetters {
  /** Never rejects: a letter that cannot be kept is counted and told to the log. */
  keep(letter: DeadLetter): Promise<void>
}

interface DeadLetterOptions {
  readonly directory: string
  /** Of all letters together; above it new ones are not kept. */
  readonly limitBytes: number
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Dead letters as files `<epoch>-<sequence>.letter`: one line of JSON that tells why, then the record's bytes. The same
 * record makes the same file, so a replay adds nothing. People look at them and delete them.
 */
export async function openDeadLetters(options: DeadLetterOptions): Promise<DeadLetters> {
  const { directory, limitBytes, log, metrics } = options
  await mkdir(directory, { recursive: true })
  const sizes = new Map<string, number>()
  for (const name of await readdir(directory)) sizes.set(name, (await stat(join(directory, name))).size)
  const totalBytes = (): number => [...sizes.values()].reduce((total, size) => total + size, 0)
  const size = metrics.gauge(
    'fleetglass_store_dead_letter_bytes',
    'Size of the records that could not be stored.',
    [],
    () => {
      size.set(totalBytes())
    },
  )
  const letters = metrics.counter('fleetglass_store_dead_letters_total', 'Records that could not be stored.', [
    'reason',
    'kept',
  ])

  const write = async (letter: DeadLetter): Promise<boolean> => {
    const { epoch, sequence, reason, message, bytes } = letter
    const name = `${epoch.replace(/[^A-Za-z0-9-]/g, '_')}-${String(sequence)}.letter`
    const head = Buffer.from(`${JSON.stringify({ epoch, sequence, reason, message })}\n`)
    const length = head.length + bytes.length
    if (totalBytes() - (sizes.get(name) ?? 0) + length > limitBytes) return false
    await writeFile(join(directory, name), Buffer.concat([head, bytes]))
    sizes.set(name, length)
    return true
  }
  return {
    keep: async (letter) => {
      const { sequence, reason, message } = letter
      let kept = false
      let failure: string | undefined
      try {
        kept = await write(letter)
        if (!kept) failure = 'the dead letters are at their size limit'
      } catch (cause) {
        failure = messageOf(cause)
      }
      letters.inc({ reason, kept: String(kept) })
      log.error({ sequence, reason, message, kept, failure }, 'record could not be stored')
    },
  }
}
