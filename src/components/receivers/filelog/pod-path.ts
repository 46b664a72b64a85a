import { readlink } from 'node:fs/promises'
import path from 'node:path'
import type { Attributes } from '../../../wire/index.ts'

// …/pods/<namespace>_<pod>_<uid>/<container>/<restart count>.log, as the kubelet lays them out. None of the three
// names can hold an underscore.
const POD_PATH = /\/pods\/([^/_]+)_([^/_]+)_([^/_]+)\/([^/]+)\/(\d+)\.log$/
const MAX_LINKS = 8

/** The resource attributes that the path of a container's log tells, or undefined for other files. */
function podAttributes(file: string): Attributes | undefined {
  const match = POD_PATH.exec(file)
  if (match === null) return undefined
  const [, namespace = '', pod = '', uid = '', container = '', restarts = ''] = match
  return {
    'k8s.namespace.name': namespace,
    'k8s.pod.name': pod,
    'k8s.pod.uid': uid,
    'k8s.container.name': container,
    'k8s.container.restart_count': Number(restarts),
  }
}

/**
 * The same for a file that may be a symbolic link (/var/log/containers/* points to /var/log/pods, and with Docker
 * that points on): each station of the way is looked at.
 */
export async function podAttributesOfLink(file: string): Promise<Attributes | undefined> {
  let current = file
  for (let i = 0; i < MAX_LINKS; i++) {
    const attributes = podAttributes(current)
    if (attributes !== undefined) return attributes
    const target = await linkTarget(current)
    if (target === undefined) return undefined
    current = path.resolve(path.dirname(current), target)
  }
  return undefined
}

async function linkTarget(file: string): Promise<string | undefined> {
  try {
    return await readlink(file)
  } catch {
    // Not a link, or gone by now.
    return undefined
  }
}
