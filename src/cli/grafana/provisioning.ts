import { stringify } from 'yaml'
import { createDataSources, type DataSourceOptions } from './data-sources.ts'

/** A dashboard in Grafana's JSON. */
export interface ShippedDashboard {
  readonly uid?: string
}

/** A file below the directory that Grafana is told to read. */
export interface ProvisioningFile {
  readonly path: string
  readonly content: string
}

export interface ProvisioningOptions extends DataSourceOptions {
  readonly dashboards: readonly ShippedDashboard[]
  /** The directory of the dashboards as Grafana sees it. */
  readonly dashboardsPath: string
}

/** The first line of what this command writes; without it, a file is somebody else's. */
const MARK = '# Written by `fleetglass grafana provision`, which writes it anew: change the command, not this file.'
const TAG = 'fleetglass'

/** Where dashboards are written, below the provisioning directory. */
export const DASHBOARDS = 'dashboards/fleetglass'

/**
 * https://grafana.com/docs/grafana/latest/administration/provisioning/: data sources, the provider that reads the
 * dashboards, and the dashboards.
 */
export function createProvisioning(options: ProvisioningOptions): readonly ProvisioningFile[] {
  return [
    {
      path: 'datasources/fleetglass.yaml',
      content: toYaml({ apiVersion: 1, datasources: createDataSources(options) }),
    },
    {
      path: 'dashboards/fleetglass.yaml',
      content: toYaml({
        apiVersion: 1,
        providers: [
          {
            name: 'fleetglass',
            type: 'file',
            folder: 'Fleetglass',
            folderUid: 'fleetglass',
            disableDeletion: false,
            allowUiUpdates: false,
            updateIntervalSeconds: 30,
            options: { path: options.dashboardsPath, foldersFromFilesStructure: false },
          },
        ],
      }),
    },
    ...options.dashboards.flatMap((dashboard) =>
      dashboard.uid === undefined
        ? []
        : [{ path: `${DASHBOARDS}/${dashboard.uid}.json`, content: `${JSON.stringify(dashboard, null, 2)}\n` }],
    ),
  ]
}

function toYaml(value: unknown): string {
  return `${MARK}\n${stringify(value, { lineWidth: 0 })}`
}

/** Whether a file with this content was written by us, so that it may be written anew. */
export function isOurs(path: string, content: string): boolean {
  return path.endsWith('.json') ? isOurDashboard(content) : content.startsWith(MARK)
}

function isOurDashboard(content: string): boolean {
  try {
    const value: unknown = JSON.parse(content)
    if (typeof value !== 'object' || value === null || !('tags' in value)) return false
    return Array.isArray(value.tags) && value.tags.includes(TAG)
  } catch {
    return false
  }
}
