import type { status as codes } from '@grpc/grpc-js'
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js'
import { Metadata } from '@grpc/grpc-js'

export interface GrpcArrival {
  readonly path: string
  readonly payload: Buffer
  readonly metadata: Metadata
}

/** OK with these bytes, or a code with these trailers. `never` leaves the call open. */
export type GrpcAnswer =
  | Buffer
  | 'never'
  | { readonly code: codes; readonly details?: string; readonly trailers?: Metadata }

/** An OTLP server that answers as it is told. */
export class GrpcIntake {
  readonly arrivals: GrpcArrival[] = []
  answer: (arrival: GrpcArrival) => GrpcAnswer = () => Buffer.alloc(0)
  readonly #credentials: ServerCredentials
  #server = new Server()
  port = 0

  constructor(credentials = ServerCredentials.createInsecure()) {
    this.#credentials = credentials
  }

  /** On the port that it had, if it was started before. */
  async start(): Promise<this> {
    this.#server = new Server()
    for (const kind of ['metrics', 'logs', 'trace']) {
      const service = `opentelemetry.proto.collector.${kind}.v1.${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}Service`
      const path = `/${service}/Export`
      const keep = (bytes: Buffer): Buffer => bytes
      const method = {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: keep,
        requestDeserialize: keep,
        responseSerialize: keep,
        responseDeserialize: keep,
      } as const
      this.#server.addService(
        { Export: method },
        {
          Export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
            this.#serve(path, call, callback),
        },
      )
    }
    this.port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${String(this.port)}`, this.#credentials, (error, port) => {
        if (error === null) resolve(port)
        else reject(error)
      })
    })
    return this
  }

  stop(): void {
    this.#server.forceShutdown()
  }

  #serve(path: string, call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void {
    const arrival = { path, payload: call.request, metadata: call.metadata }
    this.arrivals.push(arrival)
    const answer = this.answer(arrival)
    if (answer === 'never') return
    if (Buffer.isBuffer(answer)) callback(null, answer)
    else callback({ code: answer.code, details: answer.details ?? '', metadata: answer.trailers ?? new Metadata() })
  }
}
