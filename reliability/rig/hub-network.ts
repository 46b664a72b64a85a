import { execFileSync } from 'node:child_process'

/** Of 198.18.0.0/15, which is set aside for tests of networks. */
const OUTSIDE = '198.18.77.1'
const INSIDE = '198.18.77.2'

/**
 * A network namespace for a hub, and a link between it and the rest of the machine that can be cut, made lossy, slow and
 * deaf in one direction. Needs root, ip, tc and nft.
 */
export class HubNetwork {
  /** The hub's address, which it and everybody else uses. */
  readonly host = INSIDE
  /** What the hub is run by. */
  readonly prefix: readonly string[]
  readonly #name = `fleetglass-${process.pid}`
  readonly #outer = `fg${process.pid}o`
  readonly #inner = `fg${process.pid}i`

  constructor() {
    this.prefix = ['ip', 'netns', 'exec', this.#name]
    run('ip', 'netns', 'add', this.#name)
    run('ip', 'link', 'add', this.#outer, 'type', 'veth', 'peer', 'name', this.#inner, 'netns', this.#name)
    run('ip', 'addr', 'add', `${OUTSIDE}/30`, 'dev', this.#outer)
    run('ip', 'link', 'set', this.#outer, 'up')
    this.#inside('ip', 'addr', 'add', `${INSIDE}/30`, 'dev', this.#inner)
    this.#inside('ip', 'link', 'set', this.#inner, 'up')
    this.#inside('ip', 'link', 'set', 'lo', 'up')
    this.#inside('nft', 'add table inet bad')
    this.#inside('nft', 'add chain inet bad in { type filter hook input priority 0; }')
    this.#inside('nft', 'add chain inet bad out { type filter hook output priority 0; }')
  }

  cut(): void {
    run('ip', 'link', 'set', this.#outer, 'down')
  }

  /** Drops so many percent of the packets of both directions. */
  lose(percent: number): void {
    for (const chain of ['in iifname', 'out oifname']) {
      this.#inside('nft', `add rule inet bad ${chain} "${this.#inner}" numgen random mod 100 < ${percent} drop`)
    }
  }

  /** The hub hears and is not heard: connections are open on one side only. */
  silenceHub(): void {
    this.#inside('nft', `add rule inet bad out oifname "${this.#inner}" drop`)
  }

  /** Towards the hub. */
  slowTo(megabits: number): void {
    const bucket = ['rate', `${megabits}mbit`, 'burst', '32kbit', 'latency', '400ms']
    run('tc', 'qdisc', 'add', 'dev', this.#outer, 'root', 'tbf', ...bucket)
  }

  /** Ends whatever is wrong with the link. */
  heal(): void {
    run('ip', 'link', 'set', this.#outer, 'up')
    this.#inside('nft', 'flush chain inet bad in')
    this.#inside('nft', 'flush chain inet bad out')
    if (run('tc', 'qdisc', 'show', 'dev', this.#outer).includes('tbf')) {
      run('tc', 'qdisc', 'del', 'dev', this.#outer, 'root')
    }
  }

  dispose(): void {
    // The link goes with it.
    run('ip', 'netns', 'del', this.#name)
  }

  #inside(program: string, ...args: readonly string[]): void {
    run('ip', 'netns', 'exec', this.#name, program, ...args)
  }
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
