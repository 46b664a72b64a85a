import { AppError } from '../../../core/index.ts'
import type { Stage } from '../ast.ts'
import { printStage } from '../print-pipeline.ts'
import { createDecolorize } from './decolorize.ts'
import { createDropStage, createKeepStage, createLabelFormat } from './label-changes.ts'
import { createJsonExpressionsStage } from './json-expressions.ts'
import { createJsonStage } from './json.ts'
import { createLabelFilter } from './label-filter.ts'
import { createLineFilter } from './line-filter.ts'
import { createLineFormat } from './line-format.ts'
import { createLogfmtStage } from './logfmt.ts'
import type { FieldNeeds, StageFunction } from './stage.ts'
import { createPatternStage, createRegexpStage } from './text-parsers.ts'
import { createUnpackStage } from './unpack.ts'

/** The stages as one function, which goes through them until one drops the line. Throws AppError `invalid`. */
export function compileStages(stages: readonly Stage[], needs: FieldNeeds): StageFunction {
  const functions = stages.map((stage) => compileStage(stage, needs))
  const [first, second] = functions
  if (first === undefined) return () => true
  if (second === undefined) return first
  return (state) => {
    for (const run of functions) if (!run(state)) return false
    return true
  }
}

function compileStage(stage: Stage, needs: FieldNeeds): StageFunction {
  try {
    return createStage(stage, needs)
  } catch (reason) {
    const { message } = AppError.from(reason)
    throw new AppError('invalid', `parse error : stage '${printStage(stage)}' : ${message}`, { cause: reason })
  }
}

function createStage(stage: Stage, needs: FieldNeeds): StageFunction {
  switch (stage.kind) {
    case 'line-filter':
      return createLineFilter(stage)
    case 'json':
      return stage.extractions.length === 0
        ? createJsonStage(needs)
        : createJsonExpressionsStage(stage.extractions, needs)
    case 'logfmt':
      return createLogfmtStage(stage, needs)
    case 'pattern':
      return createPatternStage(stage.value, needs)
    case 'regexp':
      return createRegexpStage(stage.value, needs)
    case 'unpack':
      return createUnpackStage(needs)
    case 'label-filter':
      return createLabelFilter(stage.filter)
    case 'line-format':
      return createLineFormat(stage.template)
    case 'label-format':
      return createLabelFormat(stage.items)
    case 'drop':
      return createDropStage(stage.labels)
    case 'keep':
      return createKeepStage(stage.labels)
    case 'decolorize':
      return createDecolorize()
  }
}
