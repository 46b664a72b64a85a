import type { DestinationOfType, DestinationSettings, DestinationType } from '../fleet/index.ts'
import type { DestinationProtocol, ProtocolParts } from '../pipeline/destination/index.ts'

type Create<T extends DestinationType> = (
  settings: DestinationOfType<T>,
  parts: ProtocolParts,
) => DestinationProtocol | Promise<DestinationProtocol>

/** How each kind of destination is made. A worker loads the code of its own kind only. */
const KINDS: { readonly [T in DestinationType]: () => Promise<Create<T>> } = {
  otlp: async () => (await import('../components/exporters/otlp-destination/index.ts')).createOtlpProtocol,
  prometheus: async () => (await import('../components/exporters/prometheus/index.ts')).createPrometheusProtocol,
  'splunk-hec': async () => (await import('../components/exporters/splunk-hec/index.ts')).createSplunkHecProtocol,
  datadog: async () => (await import('../components/exporters/datadog/index.ts')).createDatadogProtocol,
  loki: async () => (await import('../components/exporters/loki/index.ts')).createLokiProtocol,
  elasticsearch: async () =>
    (await import('../components/exporters/elasticsearch/index.ts')).createElasticsearchProtocol,
}

export async function createProtocol(
  settings: DestinationSettings,
  parts: ProtocolParts,
): Promise<DestinationProtocol> {
  switch (settings.type) {
    case 'otlp':
      return (await KINDS.otlp())(settings, parts)
    case 'prometheus':
      return (await KINDS.prometheus())(settings, parts)
    case 'splunk-hec':
      return (await KINDS['splunk-hec']())(settings, parts)
    case 'datadog':
      return (await KINDS.datadog())(settings, parts)
    case 'loki':
      return (await KINDS.loki())(settings, parts)
    case 'elasticsearch':
      return (await KINDS.elasticsearch())(settings, parts)
  }
}
