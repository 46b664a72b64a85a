export { type HostConfig, hostConfigSchema } from './config.ts'
export { createHostReceiver, type HostReceiverOptions } from './host.ts'
