import type { LogEntry } from '../data/loki/entry.ts'
import type { TraceSummary } from '../data/tempo/client.ts'
import type { Field, Frame } from './frame.ts'

const texts = (name: string, values: readonly string[]): Field => ({ name, labels: {}, type: 'string', values })

/** Log lines as a table's rows, in the columns that Loki's data source gives them; what people read comes first. */
export function linesFrame(entries: readonly LogEntry[], refId: string): Frame {
  return {
    refId,
    fields: [
      { name: 'Time', labels: {}, type: 'time', values: entries.map(({ ms }) => ms) },
      texts(
        'Line',
        entries.map(({ line }) => line),
      ),
      texts(
        'labels',
        entries.map(({ stream, fields }) => JSON.stringify({ ...stream, ...fields })),
      ),
      texts(
        'tsNs',
        entries.map(({ ns }) => ns),
      ),
      texts(
        'id',
        entries.map(({ key }) => key),
      ),
    ],
  }
}

/** Traces of a search as rows, in the columns that Tempo's data source gives them. */
export function tracesFrame(traces: readonly TraceSummary[], refId: string): Frame {
  return {
    refId,
    fields: [
      texts(
        'traceID',
        traces.map(({ traceId }) => traceId),
      ),
      {
        name: 'startTime',
        displayName: 'Start time',
        labels: {},
        type: 'time',
        values: traces.map(({ startMs }) => startMs),
      },
      {
        ...texts(
          'traceService',
          traces.map(({ service }) => service),
        ),
        displayName: 'Service',
      },
      {
        ...texts(
          'traceName',
          traces.map(({ name }) => name),
        ),
        displayName: 'Name',
      },
      {
        name: 'traceDuration',
        displayName: 'Duration',
        labels: {},
        type: 'number',
        values: traces.map(({ durationMs }) => durationMs),
      },
    ],
  }
}
