import type { FastifyRequest } from 'fastify'
import { AppError } from '../core/index.ts'

/** A page of somebody else may make a browser send what changes something, with whatever the browser is known by. */
export function refuseOtherPages({ headers: { origin, host } }: FastifyRequest): void {
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) {
    throw new AppError('forbidden', 'this request comes from a page of another address')
  }
}
