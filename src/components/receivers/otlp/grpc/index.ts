export type { GrpcCall, GrpcMethod } from './grpc-call.ts'
export { createGrpcServer, type GrpcServer, type GrpcServerOptions } from './grpc-server.ts'
