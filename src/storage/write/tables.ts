import { ArrayColumn, MapColumn } from '../native/array-columns.ts'
import type { Column } from '../native/column.ts'
import { ByteColumn, DayColumn, FixedStringColumn, Int32Column, Int64Column } from '../native/fixed-columns.ts'
import { LowCardinalityColumn } from '../native/low-cardinality-column.ts'
import { NativeBlock } from '../native/native-block.ts'
import { StringColumn } from '../native/string-column.ts'

/** A table of the schema with the rows that wait for it. */
export class Table<C extends { readonly [K in keyof C]: Column }> {
  readonly name: string
  readonly columns: C
  readonly block: NativeBlock

  constructor(name: string, columns: C) {
    this.name = name
    this.columns = columns
    this.block = new NativeBlock({ ...columns })
  }
}

/** A table as those see it who only move it. */
export type AnyTable = Pick<Table<Record<string, Column>>, 'name' | 'block'>

// The columns of `../schema/`, by their names there.

class SeriesColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly name = new LowCardinalityColumn()
  readonly id = new Int64Column('UInt64')
  readonly cluster = new LowCardinalityColumn()
  readonly labels = new MapColumn(new StringColumn(), new StringColumn())
  readonly first_seen = new Int64Column('DateTime64(3)')
  readonly last_seen = new Int64Column('DateTime64(3)')
  readonly hub_received_at = new Int64Column('DateTime64(3)')
  readonly received = new DayColumn()
}

export class SampleColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly series = new Int64Column('UInt64')
  readonly time = new Int64Column('DateTime64(3)')
  readonly value = new Int64Column('Float64')
  readonly version = new Int64Column('UInt64')
  readonly received = new DayColumn()
}

export class SampleStartColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly series = new Int64Column('UInt64')
  readonly time = new Int64Column('DateTime64(3)')
  readonly start = new Int64Column('DateTime64(3)')
  readonly version = new Int64Column('UInt64')
  readonly received = new DayColumn()
}

export class HistogramColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly series = new Int64Column('UInt64')
  readonly time = new Int64Column('DateTime64(3)')
  readonly version = new Int64Column('UInt64')
  readonly schema = new ByteColumn('Int8')
  readonly reset_hint = new ByteColumn('UInt8')
  readonly is_float = new ByteColumn('Bool')
  readonly count = new Int64Column('Float64')
  readonly sum = new Int64Column('Float64')
  readonly zero_threshold = new Int64Column('Float64')
  readonly zero_count = new Int64Column('Float64')
  readonly positive_offsets = new ArrayColumn(new Int32Column('Int32'))
  readonly positive_lengths = new ArrayColumn(new Int32Column('UInt32'))
  readonly positive_counts = new ArrayColumn(new Int64Column('Float64'))
  readonly negative_offsets = new ArrayColumn(new Int32Column('Int32'))
  readonly negative_lengths = new ArrayColumn(new Int32Column('UInt32'))
  readonly negative_counts = new ArrayColumn(new Int64Column('Float64'))
  readonly custom_values = new ArrayColumn(new Int64Column('Float64'))
  readonly received = new DayColumn()
}

export class ExemplarColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly series = new Int64Column('UInt64')
  readonly time = new Int64Column('DateTime64(3)')
  readonly value = new Int64Column('Float64')
  readonly trace_id = new StringColumn()
  readonly labels = new MapColumn(new LowCardinalityColumn(), new StringColumn())
  readonly received = new DayColumn()
}

class MetadataColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly name = new LowCardinalityColumn()
  readonly type = new LowCardinalityColumn()
  readonly unit = new LowCardinalityColumn()
  readonly help = new StringColumn()
  readonly last_seen = new Int64Column('DateTime64(3)')
}

class LogStreamColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly id = new Int64Column('UInt64')
  readonly cluster = new LowCardinalityColumn()
  readonly labels = new MapColumn(new StringColumn(), new StringColumn())
  readonly first_seen = new Int64Column('DateTime64(3)')
  readonly last_seen = new Int64Column('DateTime64(3)')
  readonly received = new DayColumn()
}

class LogColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly cluster = new LowCardinalityColumn()
  readonly environment = new LowCardinalityColumn()
  readonly region = new LowCardinalityColumn()
  readonly cluster_type = new LowCardinalityColumn()
  readonly service_name = new LowCardinalityColumn()
  readonly stream = new Int64Column('UInt64')
  readonly time = new Int64Column('DateTime64(9)')
  readonly observed_time = new Int64Column('DateTime64(9)')
  readonly hub_received_at = new Int64Column('DateTime64(3)')
  readonly severity_number = new ByteColumn('UInt8')
  readonly severity_text = new LowCardinalityColumn()
  readonly detected_level = new LowCardinalityColumn()
  readonly event_name = new LowCardinalityColumn()
  readonly body = new StringColumn()
  readonly trace_id = new FixedStringColumn(16)
  readonly span_id = new FixedStringColumn(8)
  readonly flags = new Int32Column('UInt32')
  readonly scope_name = new LowCardinalityColumn()
  readonly scope_version = new LowCardinalityColumn()
  readonly scope_attributes = new MapColumn(new LowCardinalityColumn(), new StringColumn())
  readonly resource_attributes = new MapColumn(new LowCardinalityColumn(), new StringColumn())
  readonly attributes = new MapColumn(new LowCardinalityColumn(), new StringColumn())
  readonly dropped_attributes = new Int32Column('UInt32')
}

export class SpanColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly cluster = new LowCardinalityColumn()
  readonly environment = new LowCardinalityColumn()
  readonly region = new LowCardinalityColumn()
  readonly cluster_type = new LowCardinalityColumn()
  readonly service_name = new LowCardinalityColumn()
  readonly name = new LowCardinalityColumn()
  readonly kind = new ByteColumn('UInt8')
  readonly trace_id = new FixedStringColumn(16)
  readonly span_id = new FixedStringColumn(8)
  readonly parent_span_id = new FixedStringColumn(8)
  readonly trace_state = new StringColumn()
  readonly flags = new Int32Column('UInt32')
  readonly time = new Int64Column('DateTime64(9)')
  readonly duration = new Int64Column('UInt64')
  readonly hub_received_at = new Int64Column('DateTime64(3)')
  readonly status_code = new ByteColumn('UInt8')
  readonly status_message = new StringColumn()
  readonly scope_name = new LowCardinalityColumn()
  readonly scope_version = new LowCardinalityColumn()
  readonly scope_attributes = new MapColumn(new LowCardinalityColumn(), new StringColumn())
  readonly resource_attributes = new MapColumn(new LowCardinalityColumn(), new StringColumn())
  readonly attributes = new MapColumn(new LowCardinalityColumn(), new StringColumn())
  readonly event_times = new ArrayColumn(new Int64Column('DateTime64(9)'))
  readonly event_names = new ArrayColumn(new LowCardinalityColumn())
  readonly event_attributes = new ArrayColumn(new MapColumn(new LowCardinalityColumn(), new StringColumn()))
  readonly link_trace_ids = new ArrayColumn(new FixedStringColumn(16))
  readonly link_span_ids = new ArrayColumn(new FixedStringColumn(8))
  readonly link_trace_states = new ArrayColumn(new StringColumn())
  readonly link_attributes = new ArrayColumn(new MapColumn(new LowCardinalityColumn(), new StringColumn()))
  readonly dropped_attributes = new Int32Column('UInt32')
  readonly dropped_events = new Int32Column('UInt32')
  readonly dropped_links = new Int32Column('UInt32')
  readonly otlp_group = new LowCardinalityColumn()
  readonly otlp_rest = new StringColumn()
}

export class TraceColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly trace_id = new FixedStringColumn(16)
  readonly start = new Int64Column('DateTime64(9)')
  readonly end = new Int64Column('DateTime64(9)')
  readonly received = new DayColumn()
}

export class LedgerColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly cluster = new LowCardinalityColumn()
  readonly signal = new LowCardinalityColumn()
  readonly source = new LowCardinalityColumn()
  readonly edge = new StringColumn()
  readonly epoch = new StringColumn()
  readonly log_epoch = new StringColumn()
  readonly time = new Int64Column('DateTime64(3)')
  readonly log_first = new Int64Column('UInt64')
  readonly log_last = new Int64Column('UInt64')
  readonly first_sequence = new Int64Column('UInt64')
  readonly last_sequence = new Int64Column('UInt64')
  readonly batches = new Int64Column('UInt64')
  readonly items = new Int64Column('UInt64')
  readonly rows = new Int64Column('UInt64')
  readonly rejected = new MapColumn(new StringColumn(), new Int64Column('UInt64'))
  readonly lag_ms_max = new Int64Column('UInt64')
}

export class LateSampleColumns {
  readonly epoch = new StringColumn()
  readonly sequence = new Int64Column('UInt64')
  readonly tenant_id = new LowCardinalityColumn()
  readonly first = new Int64Column('DateTime64(3)')
}

export class LateHourColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly hour = new Int32Column('UInt32')
}

export class LateSlotColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly slot = new Int32Column('UInt32')
}

export class PackedSampleColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly metric = new Int32Column('UInt32')
  readonly series = new Int64Column('UInt64')
  readonly slot = new Int32Column('UInt32')
  readonly part = new ByteColumn('UInt8')
  readonly data = new StringColumn()
  readonly version = new Int64Column('UInt64')
  readonly received = new DayColumn()
}

export class RollupColumns {
  readonly tenant_id = new LowCardinalityColumn()
  readonly series = new Int64Column('UInt64')
  readonly bucket = new Int32Column('UInt32')
  readonly count = new Int32Column('UInt32')
  readonly stale = new Int32Column('UInt32')
  readonly ends_stale = new ByteColumn('UInt8')
  readonly first_at = new Int32Column('UInt32')
  readonly last_at = new Int32Column('UInt32')
  readonly first = new Int64Column('Float64')
  readonly last = new Int64Column('Float64')
  readonly min = new Int64Column('Float64')
  readonly max = new Int64Column('Float64')
  readonly sum = new Int64Column('Float64')
  readonly dropped = new Int64Column('Float64')
  readonly resets = new Int32Column('UInt32')
  readonly changes = new Int32Column('UInt32')
  readonly version = new Int64Column('UInt64')
  readonly received = new DayColumn()
}

/** The telemetry of one flush. The ledger is not among it: its rows are made when all of these are stored. */
export class Tables {
  readonly series = new Table('series', new SeriesColumns())
  readonly logStreams = new Table('log_streams', new LogStreamColumns())
  readonly metadata = new Table('metric_metadata', new MetadataColumns())
  readonly traces = new Table('traces', new TraceColumns())
  readonly samples = new Table('samples', new SampleColumns())
  readonly histograms = new Table('histograms', new HistogramColumns())
  readonly sampleStarts = new Table('sample_starts', new SampleStartColumns())
  readonly exemplars = new Table('exemplars', new ExemplarColumns())
  readonly logs = new Table('logs', new LogColumns())
  readonly spans = new Table('spans', new SpanColumns())

  /**
   * In the order in which they are inserted: what names things comes before what points to them, so that a reader
   * never meets a sample without its series.
   */
  readonly all: readonly AnyTable[] = [
    this.series,
    this.logStreams,
    this.metadata,
    this.traces,
    this.samples,
    this.histograms,
    this.sampleStarts,
    this.exemplars,
    this.logs,
    this.spans,
  ]

  reset(): void {
    for (const table of this.all) table.block.reset()
  }

  save(): void {
    for (const table of this.all) table.block.save()
  }

  restore(): void {
    for (const table of this.all) table.block.restore()
  }
}
