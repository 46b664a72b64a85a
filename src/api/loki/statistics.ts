import type { QueryStatistics } from '../../query/index.ts'

const CACHE = {
  entriesFound: 0,
  entriesRequested: 0,
  entriesStored: 0,
  bytesReceived: 0,
  bytesSent: 0,
  requests: 0,
  downloadTime: 0,
  queryLengthServed: 0,
}

const CACHES = [
  'chunk',
  'index',
  'result',
  'statsResult',
  'volumeResult',
  'seriesResult',
  'labelResult',
  'instantMetricResult',
] as const

/**
 * Loki's statistics: its shape, with what of it there is here. Caches and ingesters are its own. `beganAt` is the
 * performance clock's time, in milliseconds.
 */
export function renderStatistics({ lines, bytes }: QueryStatistics, beganAt: number, entries: number): string {
  const execTime = Math.max(1e-6, (performance.now() - beganAt) / 1000)
  const chunk = {
    headChunkBytes: 0,
    headChunkLines: 0,
    decompressedBytes: bytes,
    decompressedLines: lines,
    compressedBytes: 0,
    totalDuplicates: 0,
    postFilterLines: lines,
    headChunkStructuredMetadataBytes: 0,
    decompressedStructuredMetadataBytes: 0,
  }
  const store = {
    totalChunksRef: 0,
    totalChunksDownloaded: 0,
    chunksDownloadTime: 0,
    queryReferencedStructuredMetadata: false,
    chunk,
    chunkRefsFetchTime: 0,
    congestionControlLatency: 0,
    pipelineWrapperFilteredLines: 0,
  }
  const nothing = { ...chunk, decompressedBytes: 0, decompressedLines: 0, postFilterLines: 0 }
  return JSON.stringify({
    summary: {
      bytesProcessedPerSecond: Math.round(bytes / execTime),
      linesProcessedPerSecond: Math.round(lines / execTime),
      totalBytesProcessed: bytes,
      totalLinesProcessed: lines,
      execTime,
      queueTime: 0,
      subqueries: 0,
      totalEntriesReturned: entries,
      splits: 0,
      shards: 0,
      totalPostFilterLines: lines,
      totalStructuredMetadataBytesProcessed: 0,
    },
    querier: { store },
    ingester: {
      totalReached: 0,
      totalChunksMatched: 0,
      totalBatches: 0,
      totalLinesSent: 0,
      store: { ...store, chunk: nothing },
    },
    cache: Object.fromEntries(CACHES.map((cache) => [cache, CACHE])),
    index: { totalChunks: 0, postFilterChunks: 0, shardsDuration: 0, usedBloomFilters: false },
  })
}
