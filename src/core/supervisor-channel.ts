/** What a program tells the program that started it, over the IPC channel between them. */
export type ChildMessage =
  | { readonly type: 'ready' }
  /** It can not start; the message says why and what to do. */
  | { readonly type: 'failed'; readonly message: string }
  /** It has a process of its own, such as the hub its engine. */
  | { readonly type: 'process'; readonly name: string; readonly pid: number }

/** Without a supervisor that listens it says nothing. */
export function tellSupervisor(message: ChildMessage): void {
  process.send?.(message)
}

export function isChildMessage(value: unknown): value is ChildMessage {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
