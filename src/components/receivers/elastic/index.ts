export { type DocumentIds, openDocumentIds } from './document-ids.ts'
export { createElasticRoutes } from './elastic.ts'
