import { describe, expect, it } from 'vitest'
import { AppError } from '../core/index.ts'
import { parseSelector } from './index.ts'

describe('parseSelector', () => {
  it.each([
    ['{}', []],
    [
      '{ k8s.namespace.name =~ "team-.*", severity_text!="DEBUG", }',
      [
        ['k8s.namespace.name', '=~', 'team-.*'],
        ['severity_text', '!=', 'DEBUG'],
      ],
    ],
    ['{"a b"=`x\\d`}', [['a b', '=', 'x\\d']]],
    [
      String.raw`{a="\d+\"\\ \n", b!~'it\'s'}`,
      [
        ['a', '=', '\\d+"\\ \n'],
        ['b', '!~', "it's"],
      ],
    ],
  ])('reads %s', (text, wanted) => {
    expect(parseSelector(text)).toEqual(wanted.map(([name, operator, value]) => ({ name, operator, value })))
  })

  it.each([
    ['a="b"', 'expected { at character 1'],
    ['{a=b}', 'expected a text in quotes at character 4'],
    ['{a="b"', 'expected , at character 7'],
    ['{a~"b"}', 'expected =, !=, =~, !~ at character 3'],
    ['{a="b"} x', 'expected nothing more at character 9'],
    ['{="b"}', 'expected the name of an attribute at character 2'],
  ])('says where %s is wrong', (text, message) => {
    expect(() => parseSelector(text)).toThrow(new AppError('invalid', `selector: ${message}`))
  })
})
