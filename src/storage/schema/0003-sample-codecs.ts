import type { Migration } from './migration.ts'

/**
 * Codecs by what they come to on disk, measured on six hours of 1,000 series with a jitter of 5 ms. Gorilla helps where
 * neighbours share most of their bits, which values with decimals do not: 7.9 bytes a gauge with it, 3.8 without. Times
 * of a jittering scrape are 0.8 bytes as differences of differences, 0.5 as differences. Parts keep the codecs that they
 * were written with until they are merged.
 */
export const sampleCodecs: Migration = {
  number: 3,
  title: 'codecs of samples',
  statements: [
    `ALTER TABLE samples
      MODIFY COLUMN series UInt64 CODEC(ZSTD(1)),
      MODIFY COLUMN time DateTime64(3) CODEC(Delta, ZSTD(1)),
      MODIFY COLUMN value Float64 CODEC(ZSTD(1)),
      MODIFY COLUMN version UInt64 CODEC(DoubleDelta, ZSTD(1))`,
    `ALTER TABLE histograms
      MODIFY COLUMN series UInt64 CODEC(ZSTD(1)),
      MODIFY COLUMN time DateTime64(3) CODEC(Delta, ZSTD(1)),
      MODIFY COLUMN count Float64 CODEC(ZSTD(1)),
      MODIFY COLUMN sum Float64 CODEC(ZSTD(1)),
      MODIFY COLUMN version UInt64 CODEC(DoubleDelta, ZSTD(1))`,
  ],
}
