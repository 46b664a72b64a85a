export { createLokiRoutes } from './loki.ts'
