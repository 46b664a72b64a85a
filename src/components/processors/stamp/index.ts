export { createStamp, type StampOptions } from './stamp.ts'
