import { atEnd, bars, CHOSEN, defineDashboard, labelVariable, overTime, stat, timeSeries } from './kit/index.ts'

const HOST = `${CHOSEN}, host=~"$host"`

/** What arrives from outside, by domain: ingress controllers and tunnels. */
export const trafficByDomain = defineDashboard({
  uid: 'fleetglass-traffic',
  title: 'Traffic by Domain',
  description: 'Requests, errors, latency and bytes at the ingress, and the state of tunnels, by domain and cluster.',
  tags: ['applications'],
  variables: [labelVariable('host', 'Domain', 'host', `__name__="nginx_ingress_controller_requests", ${CHOSEN}`)],
  sections: [
    {
      panels: [
        stat({
          title: 'Requests',
          width: 6,
          unit: 'reqps',
          needs: 'ingress',
          targets: [atEnd(`sum(rate(nginx_ingress_controller_requests{${HOST}}[$window]))`)],
        }),
        stat({
          title: 'Errors',
          width: 6,
          unit: 'percentunit',
          needs: 'ingress',
          thresholds: [
            [0.01, 'orange'],
            [0.05, 'red'],
          ],
          targets: [
            atEnd(
              `sum(rate(nginx_ingress_controller_requests{status=~"5..", ${HOST}}[$window])) / sum(rate(nginx_ingress_controller_requests{${HOST}}[$window]))`,
            ),
          ],
        }),
        stat({
          title: 'Connections of tunnels',
          width: 6,
          needs: 'tunnel',
          targets: [atEnd(`sum(cloudflared_tunnel_ha_connections{${CHOSEN}})`)],
        }),
        stat({
          title: 'Certificate that ends first',
          width: 6,
          unit: 's',
          needs: 'ingress',
          targets: [atEnd(`min(nginx_ingress_controller_ssl_expire_time_seconds{${HOST}}) - time()`)],
        }),
      ],
    },
    {
      title: 'Ingress',
      panels: [
        timeSeries({
          title: 'Requests, by domain',
          width: 12,
          unit: 'reqps',
          needs: 'ingress',
          targets: [
            overTime(
              `sum by (cluster, host) (rate(nginx_ingress_controller_requests{${HOST}}[$__rate_interval]))`,
              '{{host}} {{cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Failed requests, by domain',
          width: 12,
          unit: 'reqps',
          needs: 'ingress',
          targets: [
            overTime(
              `sum by (cluster, host, status) (rate(nginx_ingress_controller_requests{status=~"5..", ${HOST}}[$__rate_interval]))`,
              '{{host}} {{cluster}} {{status}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Latency, 95th percentile, by domain',
          width: 12,
          unit: 's',
          needs: 'ingress',
          targets: [
            overTime(
              `histogram_quantile(0.95, sum by (cluster, host, le) (rate(nginx_ingress_controller_request_duration_seconds_bucket{${HOST}}[$__rate_interval])))`,
              '{{host}} {{cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Bytes answered, by domain',
          width: 12,
          unit: 'Bps',
          needs: 'ingress',
          targets: [
            overTime(
              `sum by (cluster, host) (rate(nginx_ingress_controller_response_size_sum{${HOST}}[$__rate_interval]))`,
              '{{host}} {{cluster}}',
            ),
          ],
        }),
        bars({
          title: 'Paths by requests',
          width: 24,
          unit: 'reqps',
          needs: 'ingress',
          targets: [
            atEnd(
              `topk(15, sum by (cluster, host, path) (rate(nginx_ingress_controller_requests{${HOST}}[$window])))`,
              '{{host}}{{path}} {{cluster}}',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Tunnels',
      panels: [
        timeSeries({
          title: 'Requests through tunnels',
          width: 12,
          unit: 'reqps',
          needs: 'tunnel',
          targets: [
            overTime(
              `sum by (cluster) (rate(cloudflared_tunnel_total_requests{${CHOSEN}}[$__rate_interval]))`,
              '{{cluster}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Errors of tunnels',
          width: 12,
          unit: 'reqps',
          needs: 'tunnel',
          targets: [
            overTime(
              `sum by (cluster) (rate(cloudflared_tunnel_request_errors{${CHOSEN}}[$__rate_interval]))`,
              '{{cluster}}',
            ),
          ],
        }),
      ],
    },
  ],
})
