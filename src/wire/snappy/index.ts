export { snappyCompress } from './compress.ts'
export { snappyUncompress } from './uncompress.ts'
