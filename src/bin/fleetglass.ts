#!/usr/bin/env node
import { fail } from './fail.ts'
import { preferSmallHeap } from './small-heap.ts'

// Hub and edge are loaded without the command line's parts, and these without theirs: an edge must stay small.
async function main(): Promise<void> {
  const [command, ...args] = process.argv.slice(2)
  switch (command) {
    case 'hub':
      await (await import('./hub.ts')).runHub(args)
      return
    case 'edge':
      preferSmallHeap()
      await (await import('./edge.ts')).runEdge(args)
      return
    default:
      await (await import('./commands.ts')).runCommand(process.argv)
  }
}

main().catch(fail)
