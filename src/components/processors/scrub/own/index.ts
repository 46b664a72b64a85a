export { OwnExpressions } from './own-expressions.ts'
