export {
  type Authority,
  type CertificateSpec,
  createAuthority,
  type IssuedCertificate,
  issueCertificate,
} from './authority.ts'
export { type CertificateInfo, readCertificate } from './certificate.ts'
export { type EnsuredCertificate, openPki, type Pki } from './pki.ts'
export { clusterByAuthority } from './cluster-by-authority.ts'
export { readSpiffeId } from './read-spiffe-id.ts'
export {
  clusterOfSpiffeId,
  clusterSpiffeId,
  parseSpiffeId,
  renderSpiffeId,
  type SpiffeId,
} from './spiffe-id.ts'
export { loadTlsFiles, type TlsMaterial, type TlsPaths } from './tls-files.ts'
export { watchFiles, type WatchFilesOptions } from './watch-files.ts'
