import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { decodeRpcStatus, encodeRpcStatus, readPartialSuccess, renderRpcStatusJson } from './index.ts'

const root = protobuf.parse(`
syntax = "proto3";
message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
message Any { string type_url = 1; bytes value = 2; }
message RetryInfo { Duration retry_delay = 1; }
message Duration { int64 seconds = 1; int32 nanos = 2; }
message Response { Partial partial_success = 1; }
message Partial { int64 rejected = 1; string error_message = 2; }
`).root

describe('google.rpc.Status', () => {
  it.each([0, 1, 999.5, 1_500, 30_000])('carries a retry delay of %d ms as protobufjs reads it', (retryAfterMs) => {
    const bytes = encodeRpcStatus({ code: 14, message: 'full', retryAfterMs })
    const status = root.lookupType('Status').toObject(root.lookupType('Status').decode(bytes)) as {
      details: { typeUrl: string; value: Uint8Array }[]
    }
    const detail = status.details[0]
    expect(detail?.typeUrl).toBe('type.googleapis.com/google.rpc.RetryInfo')
    const info = root
      .lookupType('RetryInfo')
      .decode(detail?.value ?? new Uint8Array(0))
      .toJSON() as {
      retryDelay: { seconds?: string; nanos?: number }
    }
    const { seconds = '0', nanos = 0 } = info.retryDelay
    expect(1_000 * Number(seconds) + nanos / 1e6).toBeCloseTo(retryAfterMs, 6)
    expect(decodeRpcStatus(bytes)).toEqual({ code: 14, message: 'full', retryAfterMs })
  })

  it('is final without one', () => {
    expect(decodeRpcStatus(encodeRpcStatus({ code: 3, message: 'bad' }))).toEqual({ code: 3, message: 'bad' })
    expect(renderRpcStatusJson({ code: 3, message: 'bad' })).toBe('{"code":3,"message":"bad"}')
    expect(JSON.parse(renderRpcStatusJson({ code: 14, message: 'full', retryAfterMs: 1_500 }))).toEqual({
      code: 14,
      message: 'full',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' }],
    })
  })

  it('only throws AppError on damage', () => {
    const samples = [encodeRpcStatus({ code: 14, message: 'full', retryAfterMs: 1_500 })]
    for (let round = 0; round < 2_000; round++) {
      const bytes = mutateBytes(samples, round)
      try {
        decodeRpcStatus(bytes)
        readPartialSuccess(bytes)
      } catch (reason) {
        expect(reason).toBeInstanceOf(AppError)
      }
    }
  })
})

describe('readPartialSuccess', () => {
  const response = (plain: object): Uint8Array =>
    root.lookupType('Response').encode(root.lookupType('Response').fromObject(plain)).finish()

  it.each([
    [{}, undefined],
    [{ partialSuccess: {} }, undefined],
    [{ partialSuccess: { rejected: 3, errorMessage: 'too old' } }, { rejected: 3, message: 'too old' }],
    [{ partialSuccess: { errorMessage: 'a warning' } }, { rejected: 0, message: 'a warning' }],
  ])('%j', (plain, expected) => {
    expect(readPartialSuccess(response(plain))).toEqual(expected)
  })
})
