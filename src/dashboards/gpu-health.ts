import { atEnd, CHOSEN, defineDashboard, overTime, stat, states, table, column, timeSeries } from './kit/index.ts'

const GPU = '{{cluster}} {{Hostname}} gpu {{gpu}}'
const by = (aggregation: string, metric: string): string =>
  `${aggregation} by (cluster, Hostname, gpu) (${metric}{${CHOSEN}})`

/** GPUs by NVIDIA's data centre GPU manager. */
export const gpuHealth = defineDashboard({
  uid: 'fleetglass-gpu',
  title: 'GPU Health',
  description: 'Utilisation, memory, temperature, power, clocks, errors and PCIe of GPUs in all clusters.',
  tags: ['ai'],
  sections: [
    {
      panels: [
        stat({
          title: 'GPUs',
          width: 4,
          needs: 'dcgm',
          targets: [atEnd(`count(DCGM_FI_DEV_GPU_UTIL{${CHOSEN}})`)],
        }),
        stat({
          title: 'Utilisation',
          width: 4,
          unit: 'percent',
          needs: 'dcgm',
          targets: [atEnd(`avg(DCGM_FI_DEV_GPU_UTIL{${CHOSEN}})`)],
        }),
        stat({
          title: 'Memory in use',
          width: 4,
          unit: 'percentunit',
          needs: 'dcgm',
          thresholds: [[0.95, 'orange']],
          targets: [
            atEnd(
              `sum(DCGM_FI_DEV_FB_USED{${CHOSEN}}) / (sum(DCGM_FI_DEV_FB_USED{${CHOSEN}}) + sum(DCGM_FI_DEV_FB_FREE{${CHOSEN}}))`,
            ),
          ],
        }),
        stat({
          title: 'Hottest',
          width: 4,
          unit: 'celsius',
          needs: 'dcgm',
          thresholds: [
            [80, 'orange'],
            [90, 'red'],
          ],
          targets: [atEnd(`max(DCGM_FI_DEV_GPU_TEMP{${CHOSEN}})`)],
        }),
        stat({
          title: 'Power',
          width: 4,
          unit: 'watt',
          needs: 'dcgm',
          targets: [atEnd(`sum(DCGM_FI_DEV_POWER_USAGE{${CHOSEN}})`)],
        }),
        stat({
          title: 'GPUs with an XID error',
          width: 4,
          needs: 'dcgm',
          thresholds: [[1, 'red']],
          targets: [atEnd(`count(DCGM_FI_DEV_XID_ERRORS{${CHOSEN}} > 0) or vector(0)`)],
        }),
      ],
    },
    {
      title: 'Use',
      panels: [
        timeSeries({
          title: 'Utilisation',
          width: 12,
          unit: 'percent',
          min: 0,
          max: 100,
          needs: 'dcgm',
          targets: [overTime(by('avg', 'DCGM_FI_DEV_GPU_UTIL'), GPU)],
        }),
        timeSeries({
          title: 'Memory in use',
          width: 12,
          unit: 'decmbytes',
          min: 0,
          needs: 'dcgm',
          targets: [overTime(by('max', 'DCGM_FI_DEV_FB_USED'), GPU)],
        }),
        timeSeries({
          title: 'Memory bandwidth in use',
          width: 12,
          unit: 'percent',
          min: 0,
          max: 100,
          needs: 'dcgm',
          targets: [overTime(by('avg', 'DCGM_FI_DEV_MEM_COPY_UTIL'), GPU)],
        }),
        timeSeries({
          title: 'PCIe traffic',
          width: 12,
          unit: 'Bps',
          needs: 'dcgm',
          targets: [
            overTime(
              `sum by (cluster, Hostname, gpu) (rate(DCGM_FI_PROF_PCIE_RX_BYTES{${CHOSEN}}[$__rate_interval]))`,
              `${GPU} in`,
            ),
            overTime(
              `sum by (cluster, Hostname, gpu) (rate(DCGM_FI_PROF_PCIE_TX_BYTES{${CHOSEN}}[$__rate_interval]))`,
              `${GPU} out`,
            ),
          ],
        }),
      ],
    },
    {
      title: 'Hardware',
      panels: [
        timeSeries({
          title: 'Temperature',
          width: 12,
          unit: 'celsius',
          needs: 'dcgm',
          thresholds: [[90, 'red']],
          targets: [overTime(by('max', 'DCGM_FI_DEV_GPU_TEMP'), GPU)],
        }),
        timeSeries({
          title: 'Power',
          width: 12,
          unit: 'watt',
          min: 0,
          needs: 'dcgm',
          targets: [overTime(by('sum', 'DCGM_FI_DEV_POWER_USAGE'), GPU)],
        }),
        timeSeries({
          title: 'Clock of the processors',
          width: 8,
          unit: 'hertz',
          needs: 'dcgm',
          targets: [overTime(`avg by (cluster, Hostname, gpu) (DCGM_FI_DEV_SM_CLOCK{${CHOSEN}}) * 1e6`, GPU)],
        }),
        timeSeries({
          title: 'Clock of the memory',
          width: 8,
          unit: 'hertz',
          needs: 'dcgm',
          targets: [overTime(`avg by (cluster, Hostname, gpu) (DCGM_FI_DEV_MEM_CLOCK{${CHOSEN}}) * 1e6`, GPU)],
        }),
        timeSeries({
          title: 'PCIe replays',
          width: 8,
          unit: 'cps',
          needs: 'dcgm',
          targets: [
            overTime(
              `sum by (cluster, Hostname, gpu) (rate(DCGM_FI_DEV_PCIE_REPLAY_COUNTER{${CHOSEN}}[$__rate_interval]))`,
              GPU,
            ),
          ],
        }),
        states({
          title: 'Last XID error',
          description: 'NVIDIA numbers its errors; 0 is none. 48, 63, 64, 74, 79, 94 and 95 mean broken hardware.',
          width: 12,
          needs: 'dcgm',
          thresholds: [[1, 'red']],
          targets: [overTime(by('max', 'DCGM_FI_DEV_XID_ERRORS'), GPU)],
        }),
        table({
          title: 'Memory errors that were not corrected, rows remapped',
          width: 12,
          needs: 'dcgm',
          columns: [
            column('Errors', by('sum', 'DCGM_FI_DEV_ECC_DBE_VOL_TOTAL')),
            column('Remapped', by('sum', 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS')),
          ],
        }),
      ],
    },
  ],
})
