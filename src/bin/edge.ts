import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createFilelogMeters, createFilelogReceiver, filelogConfigSchema } from '../components/receivers/filelog/index.ts'
import { createHostReceiver, hostConfigSchema } from '../components/receivers/host/index.ts'
import { createEdgeOtlpReceiver, edgeOtlpConfigSchema } from '../components/receivers/otlp/index.ts'
import { createPrometheusReceiver, prometheusReceiverConfigSchema } from '../components/receivers/prometheus/index.ts'
import { validateConfig } from '../config/index.ts'
import {
  AppError,
  type Component,
  createLogger,
  createMetrics,
  createOperationsServer,
  type Logger,
  type Metrics,
  systemClock,
  systemCode,
} from '../core/index.ts'
import { type EdgeFile, parseEdgeFile } from '../fleet/index.ts'
import type { Checkpoint } from '../model/index.ts'
import { type Consumer, newestCheckpoints } from '../pipeline/index.ts'
import { type DurableLog, openLog, openLogReader } from '../queue/index.ts'
import { runComponents } from './run.ts'
import { version } from './version.ts'
