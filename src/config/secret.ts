import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../core/index.ts'

/** Where a secret is to be found; never the secret itself. */
export type Secret = { readonly env: string } | { readonly file: string }

const HOW = 'write { env: NAME } or { file: PATH }'

/** Marks values that came through the schema, so that a map which merely has a key `env` is not taken for one. */
const SECRET = Symbol('secret')

/** A secret in a file: `{ env: NAME }` or `{ file: PATH }`. A literal is refused, and not repeated in the message. */
export const secretSchema = z
  .strictObject(
    {
      env: z
        .string()
        .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable')
        .optional(),
      file: z.string().min(1).optional(),
    },
    {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? `a secret is never written into this file: ${HOW}, and put the value there`
          : undefined,
    },
  )
  .transform((value, context): Secret => {
    if (value.env !== undefined && value.file === undefined) return markSecret({ env: value.env })
    if (value.file !== undefined && value.env === undefined) return markSecret({ file: value.file })
    context.issues.push({ code: 'custom', input: value, message: `expected either env or file: ${HOW}` })
    return z.NEVER
  })

function markSecret(secret: Secret): Secret {
  return Object.defineProperty({ ...secret }, SECRET, { value: true })
}

/** Whether the value came out of `secretSchema`. */
export function isSecret(value: object): value is Secret {
  return SECRET in value
}

/** The secret itself, without the newline that editors put at the end of a file. Throws `invalid` if it is not there. */
export async function resolveSecret(secret: Secret, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if ('env' in secret) {
    const value = env[secret.env]
    if (value === undefined || value === '') {
      throw new AppError('invalid', `the environment variable ${secret.env}, which holds a secret, is not set`)
    }
    return value
  }
  let text: string
  try {
    text = await readFile(secret.file, 'utf8')
  } catch (reason) {
    throw AppError.from(reason, 'invalid', `read the secret in ${secret.file}`)
  }
  const value = text.replace(/\r?\n$/, '')
  if (value === '') throw new AppError('invalid', `the file ${secret.file}, which holds a secret, is empty`)
  return value
}
