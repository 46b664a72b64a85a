/** Who gives the data of a panel, when it is not every edge. The panel names it where it has nothing to show. */
export const COLLECTORS = {
  dcgm: 'the DCGM exporter (dcgm-exporter) on GPU nodes, scraped by the edge',
  kubelet: "the kubelet's cAdvisor metrics (/metrics/cadvisor), scraped by the edge",
  kubeState: 'kube-state-metrics, scraped by the edge',
  host: 'the host receiver of the edge (collect.host)',
  hub: "the hub's own metrics (/metrics on its HTTP port), scraped by an edge",
  edge: "the edges' own metrics (/metrics on their HTTP port), scraped by themselves",
  http: 'services with OpenTelemetry HTTP instrumentation (http.server.request.duration)',
  genAi: 'model servers with OpenTelemetry metrics for generative AI (gen_ai.server.*)',
  spans: 'traces: the hub derives these metrics from spans',
  alerting: 'alert rules, evaluated by the hub or by a Prometheus that writes to it (ALERTS)',
  cost: 'a cost exporter such as OpenCost (node_total_hourly_cost), scraped by the edge',
  ingress: 'ingress-nginx, scraped by the edge',
  tunnel: 'cloudflared, scraped by the edge',
} as const satisfies Readonly<Record<string, string>>

export type Collector = keyof typeof COLLECTORS
