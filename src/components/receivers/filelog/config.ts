import path from 'node:path'
import { z } from 'zod'
import { byteSizeSchema, durationSchema } from '../../../config/index.ts'
import { compileGlobs } from './glob.ts'

const globSchema = z
  .union([z.string(), z.array(z.string())], { error: 'expected a glob, or a list of them' })
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .superRefine((globs, context) => {
    for (const glob of globs) {
      if (!path.isAbsolute(glob))
        context.addIssue({ code: 'custom', message: `${glob}: a glob must be an absolute path` })
    }
    try {
      compileGlobs(globs)
    } catch (reason) {
      context.addIssue({ code: 'custom', message: reason instanceof Error ? reason.message : 'no glob' })
    }
  })

/** Which files to tail and how; what a user writes in the fleet file. */
export const filelogConfigSchema = z.strictObject({
  /** `*`, `?` and `{a,b}` within a path segment, `**` for any number of segments. */
  include: globSchema.refine((globs) => globs.length > 0, 'name at least one file'),
  exclude: globSchema.default([]),
  /** `auto` looks at each line: CRI, Docker's JSON, or else plain text. */
  format: z.enum(['auto', 'cri', 'json', 'plain']).default('auto'),
  /** Where to begin in files that are there at the very first start; files that appear later are read whole. */
  startAt: z.enum(['beginning', 'end']).default('beginning'),
  /** `auto`: severity and trace context are taken from bodies that are JSON objects. The body stays as it is. */
  parseBody: z.enum(['auto', 'none']).default('auto'),
  /** Whether records carry log.file.name and log.file.path; `auto` adds them where the path names no pod. */
  fileNames: z.enum(['auto', 'always', 'never']).default('auto'),
  /** Further resource attributes of everything read. */
  resource: z.record(z.string(), z.string()).default({}),
  pollInterval: durationSchema.prefault('200ms'),
  /** How often the globs are evaluated again. */
  discoverInterval: durationSchema.prefault('1s'),
  /** How long a rotated or deleted file must be quiet before it is taken as complete. */
  rotateWait: durationSchema.prefault('5s'),
  /** Longer lines are cut and marked. */
  maxLineSize: byteSizeSchema.prefault('256KiB'),
  batchRecords: z.int().min(1).max(100_000).default(1_000),
  batchSize: byteSizeSchema.prefault('256KiB'),
  batchDelay: durationSchema.prefault('200ms'),
  maxOpenFiles: z.int().min(1).default(1_024),
})

export type FilelogConfig = z.infer<typeof filelogConfigSchema>
