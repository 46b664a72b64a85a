import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, renameSync, rmSync, statfsSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { sleep } from '../../e2e/testing/local-fleet.ts'

/** Nothing is written to the disk by the journal's timer: what was not synced is not there after a cut. */
const MOUNT_OPTIONS = 'commit=3600,data=ordered'
const UNMOUNT_TRIES = 100

/** An ext4 file system of its own on an image file, whose power can be cut. Needs root and a loop device. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly mount: string
  readonly #image: string
  #device = ''

  constructor(dir: string, bytes: number) {
    this.mount = path.join(dir, 'disk')
    this.#image = path.join(dir, 'disk.img')
    mkdirSync(this.mount, { recursive: true })
    closeSync(openSync(this.#image, 'w'))
    truncateSync(this.#image, bytes)
    run('mkfs.ext4', '-q', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1', this.#image)
    this.#attach()
  }

  /** Of the file system, for everybody. */
  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.mount)
    return bavail * bsize
  }

  /** Keeps what the disk holds at this moment. Nobody may be writing. */
  copyAsCut(): void {
    // The loop device writes past the page cache, so the image holds what the disk was given and nothing else.
    run('cp', '--sparse=always', this.#image, `${this.#image}.cut`)
  }

  /** Goes on with the copy, as a machine does that is switched on again. Nobody may have a file open. */
  async continueFromCut(): Promise<void> {
    await this.#detach()
    renameSync(`${this.#image}.cut`, this.#image)
    this.#attach()
  }

  async dispose(): Promise<void> {
    await this.#detach()
    rmSync(this.#image, { force: true })
  }

  #attach(): void {
    this.#device = run('losetup', '--find', '--show', '--direct-io=on', this.#image).trim()
    run('mount', '-o', MOUNT_OPTIONS, this.#device, this.mount)
  }

  async #detach(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        run('umount', this.mount)
        break
      } catch (reason) {
        // A process that was killed may still be on its way out.
        if (tries === UNMOUNT_TRIES) throw reason
        await sleep(50)
      }
    }
    run('losetup', '--detach', this.#device)
  }
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
