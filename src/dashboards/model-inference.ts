import { bars, atEnd, CHOSEN, defineDashboard, labelVariable, overTime, stat, timeSeries } from './kit/index.ts'

const MODEL = `${CHOSEN}, gen_ai_request_model=~"$model"`
const seconds = (name: string, quantile: number, by: string): string =>
  `histogram_quantile(${String(quantile)}, sum by (${by}, le) (rate(${name}_bucket{${MODEL}}[$__rate_interval])))`
const tokens = (by: string, window: string): string =>
  `sum by (${by}) (rate(gen_ai_client_token_usage_sum{${MODEL}}[${window}]))`

/** What the model servers do, and the accelerators beneath them. */
export const modelInference = defineDashboard({
  uid: 'fleetglass-inference',
  title: 'Model Inference',
  description: 'Requests, latency and tokens of model servers by cluster and model, with the GPUs beside them.',
  tags: ['ai'],
  variables: [labelVariable('model', 'Model', 'gen_ai_request_model', `gen_ai_request_model!="", ${CHOSEN}`)],
  sections: [
    {
      panels: [
        stat({
          title: 'Requests',
          width: 6,
          unit: 'reqps',
          needs: 'genAi',
          targets: [atEnd(`sum(rate(gen_ai_server_request_duration_seconds_count{${MODEL}}[$window]))`)],
        }),
        stat({
          title: 'Requests under way',
          width: 6,
          needs: 'genAi',
          targets: [atEnd(`sum(inference_requests_active{${MODEL}})`)],
        }),
        stat({
          title: 'Tokens',
          width: 6,
          unit: 'cps',
          needs: 'genAi',
          targets: [atEnd(`sum(rate(gen_ai_client_token_usage_sum{${MODEL}}[$window]))`)],
        }),
        stat({
          title: 'First token, 95th percentile',
          width: 6,
          unit: 's',
          needs: 'genAi',
          targets: [
            atEnd(
              `histogram_quantile(0.95, sum by (le) (rate(gen_ai_server_time_to_first_token_seconds_bucket{${MODEL}}[$window])))`,
            ),
          ],
        }),
      ],
    },
    {
      title: 'Requests',
      panels: [
        timeSeries({
          title: 'Requests, by cluster and model',
          width: 12,
          unit: 'reqps',
          needs: 'genAi',
          targets: [
            overTime(
              `sum by (cluster, gen_ai_request_model) (rate(gen_ai_server_request_duration_seconds_count{${MODEL}}[$__rate_interval]))`,
              '{{cluster}} {{gen_ai_request_model}}',
            ),
          ],
        }),
        timeSeries({
          title: 'Requests under way',
          width: 12,
          needs: 'genAi',
          targets: [
            overTime(
              `sum by (cluster, gen_ai_request_model) (inference_requests_active{${MODEL}})`,
              '{{cluster}} {{gen_ai_request_model}}',
            ),
          ],
        }),
        ...[0.5, 0.95, 0.99].map((quantile) =>
          timeSeries({
            title: `Latency, ${String(quantile * 100)}th percentile`,
            width: 8,
            unit: 's',
            needs: 'genAi',
            targets: [
              overTime(
                seconds('gen_ai_server_request_duration_seconds', quantile, 'cluster, gen_ai_request_model'),
                '{{cluster}} {{gen_ai_request_model}}',
                { exemplars: true },
              ),
            ],
          }),
        ),
        timeSeries({
          title: 'Time to first token',
          width: 12,
          unit: 's',
          needs: 'genAi',
          targets: [0.5, 0.95].map((quantile) =>
            overTime(
              seconds('gen_ai_server_time_to_first_token_seconds', quantile, 'cluster'),
              `{{cluster}} p${String(quantile * 100)}`,
            ),
          ),
        }),
        timeSeries({
          title: 'Tokens, by kind',
          width: 12,
          unit: 'cps',
          stacked: true,
          needs: 'genAi',
          targets: [
            overTime(tokens('cluster, gen_ai_token_type', '$__rate_interval'), '{{cluster}} {{gen_ai_token_type}}'),
          ],
        }),
        bars({
          title: 'Tokens, by operation',
          width: 24,
          height: 6,
          unit: 'cps',
          needs: 'genAi',
          targets: [atEnd(`sort_desc(${tokens('gen_ai_operation_name', '$window')})`, '{{gen_ai_operation_name}}')],
        }),
      ],
    },
    {
      title: 'Accelerators',
      panels: [
        timeSeries({
          title: 'GPU utilisation',
          width: 12,
          unit: 'percent',
          min: 0,
          max: 100,
          needs: 'dcgm',
          targets: [overTime(`avg by (cluster) (DCGM_FI_DEV_GPU_UTIL{${CHOSEN}})`, '{{cluster}}')],
        }),
        timeSeries({
          title: 'Requests for each busy GPU',
          description: 'Requests per second divided by GPUs times their utilisation.',
          width: 12,
          unit: 'reqps',
          needs: 'dcgm',
          targets: [
            overTime(
              `sum by (cluster) (rate(gen_ai_server_request_duration_seconds_count{${MODEL}}[$__rate_interval])) / (sum by (cluster) (DCGM_FI_DEV_GPU_UTIL{${CHOSEN}}) / 100)`,
              '{{cluster}}',
            ),
          ],
        }),
      ],
    },
  ],
})
