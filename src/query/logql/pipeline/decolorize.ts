import type { StageFunction } from './stage.ts'

/** The sequences by which terminals colour and move: an escape, then either a title up to a bell or one command. */
const SEQUENCE = new RegExp(
  '[\\u001b\\u009b][[\\]()#;?]*(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\u0007|(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~])',
  'g',
)

/** `| decolorize`. */
export function createDecolorize(): StageFunction {
  return (state) => {
    if (state.line.includes('\u001b') || state.line.includes('\u009b')) state.line = state.line.replace(SEQUENCE, '')
    return true
  }
}
