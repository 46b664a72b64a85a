import {
  CHOSEN,
  counted,
  defineDashboard,
  labelVariable,
  logLines,
  lines,
  textVariable,
  timeSeries,
} from './kit/index.ts'

const POD = `{${CHOSEN}, k8s_namespace_name=~"$namespace", k8s_pod_name=~"$pod", k8s_container_name=~"$container"}`

/** What chosen pods say. */
export const podLogs = defineDashboard({
  uid: 'fleetglass-pod-logs',
  title: 'Pod Logs',
  description: 'The lines of chosen namespaces, pods and containers, in any cluster.',
  tags: ['logs', 'kubernetes'],
  variables: [
    labelVariable('namespace', 'Namespace', 'k8s_namespace_name', `k8s_namespace_name!="", ${CHOSEN}`),
    labelVariable('pod', 'Pod', 'k8s_pod_name', `k8s_pod_name!="", k8s_namespace_name=~"$namespace", ${CHOSEN}`),
    labelVariable(
      'container',
      'Container',
      'k8s_container_name',
      `k8s_container_name!="", k8s_namespace_name=~"$namespace", k8s_pod_name=~"$pod", ${CHOSEN}`,
    ),
    textVariable('needle', 'Contains'),
  ],
  sections: [
    {
      panels: [
        timeSeries({
          title: 'Lines, by pod',
          width: 24,
          height: 7,
          unit: 'cps',
          stacked: true,
          targets: [
            counted(
              `sum by (cluster, k8s_pod_name) (rate(${POD} |= "$needle" [$__auto]))`,
              '{{cluster}} {{k8s_pod_name}}',
            ),
          ],
        }),
        logLines({ title: 'Lines', width: 24, height: 20, targets: [lines(`${POD} |= "$needle"`, 1_000)] }),
      ],
    },
  ],
})
