import {
  atEnd,
  bars,
  CHOSEN,
  column,
  defineDashboard,
  labelVariable,
  overTime,
  stat,
  table,
  timeSeries,
} from './kit/index.ts'

const SPACE = `${CHOSEN}, namespace=~"$namespace"`
/** cAdvisor also counts the pod as a whole and its pause container. */
const CONTAINER = `${SPACE}, container!="", container!="POD"`
const POD = 'cluster, namespace, pod'

/** Nodes, pods, containers and deployments, by the kubelet and kube-state-metrics. */
export const kubernetesResources = defineDashboard({
  uid: 'fleetglass-kubernetes',
  title: 'Kubernetes Resources',
  description: 'Nodes, pods, containers and deployments of all clusters: what they ask for, use, and lack.',
  tags: ['kubernetes'],
  variables: [labelVariable('namespace', 'Namespace', 'namespace', `namespace!="", ${CHOSEN}`)],
  sections: [
    {
      panels: [
        stat({ title: 'Nodes', width: 4, needs: 'kubeState', targets: [atEnd(`count(kube_node_info{${CHOSEN}})`)] }),
        stat({
          title: 'Nodes not ready',
          width: 4,
          needs: 'kubeState',
          thresholds: [[1, 'red']],
          targets: [atEnd(`sum(kube_node_status_condition{condition="Ready", status=~"false|unknown", ${CHOSEN}})`)],
        }),
        stat({
          title: 'Pods running',
          width: 4,
          needs: 'kubeState',
          targets: [atEnd(`sum(kube_pod_status_phase{phase="Running", ${SPACE}})`)],
        }),
        stat({
          title: 'Pods pending or failed',
          width: 4,
          needs: 'kubeState',
          thresholds: [[1, 'orange']],
          targets: [atEnd(`sum(kube_pod_status_phase{phase=~"Pending|Failed|Unknown", ${SPACE}})`)],
        }),
        stat({
          title: 'Restarts over the window',
          width: 4,
          needs: 'kubeState',
          thresholds: [[1, 'orange']],
          targets: [atEnd(`sum(increase(kube_pod_container_status_restarts_total{${SPACE}}[$window]))`)],
        }),
        stat({
          title: 'Deployments short of replicas',
          width: 4,
          needs: 'kubeState',
          thresholds: [[1, 'orange']],
          targets: [
            atEnd(
              `count(kube_deployment_spec_replicas{${SPACE}} > kube_deployment_status_replicas_available{${SPACE}}) or vector(0)`,
            ),
          ],
        }),
      ],
    },
    {
      title: 'Nodes',
      panels: [
        timeSeries({
          title: 'Processors asked for, of those there are',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'kubeState',
          targets: [
            overTime(
              `sum by (cluster) (kube_pod_container_resource_requests{resource="cpu", ${CHOSEN}}) / sum by (cluster) (kube_node_status_allocatable{resource="cpu", ${CHOSEN}})`,
              '{{cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Memory asked for, of what there is',
          width: 12,
          unit: 'percentunit',
          min: 0,
          needs: 'kubeState',
          targets: [
            overTime(
              `sum by (cluster) (kube_pod_container_resource_requests{resource="memory", ${CHOSEN}}) / sum by (cluster) (kube_node_status_allocatable{resource="memory", ${CHOSEN}})`,
              '{{cluster}}',
            ),
          ],
        }),
        table({
          title: 'Nodes',
          width: 24,
          needs: 'kubeState',
          columns: [
            column('Pods', `sum by (cluster, node) (kube_pod_info{${CHOSEN}})`),
            column('CPU', `sum by (cluster, node) (kube_node_status_allocatable{resource="cpu", ${CHOSEN}})`),
            column('Memory', `sum by (cluster, node) (kube_node_status_allocatable{resource="memory", ${CHOSEN}})`),
            column(
              'Ready',
              `max by (cluster, node) (kube_node_status_condition{condition="Ready", status="true", ${CHOSEN}})`,
            ),
          ],
        }),
      ],
    },
    {
      title: 'Pods and containers',
      panels: [
        timeSeries({
          title: 'Processors in use, by namespace',
          width: 12,
          needs: 'kubelet',
          targets: [
            overTime(
              `sum by (cluster, namespace) (rate(container_cpu_usage_seconds_total{${CONTAINER}}[$__rate_interval]))`,
              '{{cluster}} {{namespace}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Memory in use, by namespace',
          width: 12,
          unit: 'bytes',
          needs: 'kubelet',
          targets: [
            overTime(
              `sum by (cluster, namespace) (container_memory_working_set_bytes{${CONTAINER}})`,
              '{{cluster}} {{namespace}}',
            ),
          ],
        }),
        bars({
          title: 'Pods by processors in use',
          width: 12,
          needs: 'kubelet',
          targets: [
            atEnd(
              `topk(10, sum by (${POD}) (rate(container_cpu_usage_seconds_total{${CONTAINER}}[$window])))`,
              '{{cluster}} {{namespace}}/{{pod}}',
            ),
          ],
        }),
        bars({
          title: 'Pods by memory in use',
          width: 12,
          unit: 'bytes',
          needs: 'kubelet',
          targets: [
            atEnd(
              `topk(10, sum by (${POD}) (container_memory_working_set_bytes{${CONTAINER}}))`,
              '{{cluster}} {{namespace}}/{{pod}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Held back for want of processors',
          description: 'Share of scheduling periods in which a container was throttled.',
          width: 12,
          unit: 'percentunit',
          needs: 'kubelet',
          targets: [
            overTime(
              `topk(10, sum by (${POD}) (rate(container_cpu_cfs_throttled_periods_total{${CONTAINER}}[$__rate_interval])) / sum by (${POD}) (rate(container_cpu_cfs_periods_total{${CONTAINER}}[$__rate_interval])))`,
              '{{cluster}} {{namespace}}/{{pod}}',
            ),
          ],
        }),
        table({
          title: 'Containers that wait or were killed',
          width: 12,
          needs: 'kubeState',
          columns: [
            column(
              'Containers',
              `sum by (${POD}, container, reason) (kube_pod_container_status_waiting_reason{${SPACE}} > 0 or kube_pod_container_status_last_terminated_reason{reason!="Completed", ${SPACE}} > 0)`,
            ),
          ],
        }),
      ],
    },
    {
      title: 'Deployments',
      panels: [
        table({
          title: 'Deployments',
          width: 24,
          needs: 'kubeState',
          columns: [
            column('Wanted', `sum by (cluster, namespace, deployment) (kube_deployment_spec_replicas{${SPACE}})`),
            column(
              'Available',
              `sum by (cluster, namespace, deployment) (kube_deployment_status_replicas_available{${SPACE}})`,
            ),
            column(
              'Updated',
              `sum by (cluster, namespace, deployment) (kube_deployment_status_replicas_updated{${SPACE}})`,
            ),
          ],
        }),
      ],
    },
  ],
})
