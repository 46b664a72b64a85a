import { TemplateError } from '../template-error.ts'
import { expectInteger, expectString, formatValue, isTrue, type Value } from '../values.ts'
import type { CallContext, Parameter, TemplateFunction } from './function.ts'

/** A function of texts alone. */
function ofTexts(count: number, call: (...texts: string[]) => Value): TemplateFunction {
  const parameters = Array.from({ length: count }, (): Parameter => 'string')
  return { parameters, call: (args) => call(...args.map(expectString)) }
}

/** A function of an integer and a text. */
function ofCount(call: (count: number, text: string, context: CallContext) => string): TemplateFunction {
  return {
    parameters: ['int', 'string'],
    call: ([count, text], context) => call(expectInteger(count), expectString(text), context),
  }
}

/** Go cuts texts by bytes; half a character becomes a replacement character. */
function sliceBytes(text: string, start: number, end?: number): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.slice(start, end)
  return Buffer.from(text).subarray(start, end).toString()
}

function trimCharacters(text: string, characters: string, ends: 'both' | 'left' | 'right'): string {
  const set = new Set(characters)
  const all = Array.from(text)
  let start = 0
  let end = all.length
  while (ends !== 'right' && start < end && set.has(all[start] ?? '')) start += 1
  while (ends !== 'left' && end > start && set.has(all[end - 1] ?? '')) end -= 1
  return all.slice(start, end).join('')
}

function replaceTimes(text: string, old: string, replacement: string, times: number): string {
  if (times < 0) return old === '' ? interleave(text, replacement, Infinity) : text.split(old).join(replacement)
  if (old === '') return interleave(text, replacement, times)
  const parts = text.split(old)
  const cut = Math.min(times, parts.length - 1)
  return (
    parts.slice(0, cut + 1).join(replacement) +
    parts
      .slice(cut + 1)
      .map((part) => old + part)
      .join('')
  )
}

function interleave(text: string, replacement: string, times: number): string {
  let result = ''
  let left = times
  for (const character of text) {
    if (left > 0) result += replacement
    left -= 1
    result += character
  }
  return left > 0 ? result + replacement : result
}

/** Every letter behind something that is none, in upper case. */
function title(text: string): string {
  return text.replace(
    /(^|[^\p{L}\p{Nd}_'])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  )
}

function truncate(count: number, text: string): string {
  const bytes = Buffer.byteLength(text)
  if (count < 0) return bytes + count > 0 ? sliceBytes(text, bytes + count) : text
  return bytes > count ? sliceBytes(text, 0, count) : text
}

function substring(start: number, end: number, text: string): string {
  const bytes = Buffer.byteLength(text)
  if (start < 0) {
    if (end > bytes || end < 0)
      throw new TemplateError(
        `error calling substr: runtime error: slice bounds out of range [:${String(end)}] with length ${String(bytes)}`,
      )
    return sliceBytes(text, 0, end)
  }
  const stop = end < 0 || end > bytes ? bytes : end
  if (start > stop) {
    throw new TemplateError(
      `error calling substr: runtime error: slice bounds out of range [${String(start)}:${String(stop)}]`,
    )
  }
  return sliceBytes(text, start, stop)
}

function align(count: number, text: string, side: 'left' | 'right', { spend }: CallContext): string {
  const runes = Array.from(text)
  if (count < 0 || count === runes.length) return text
  if (count < runes.length)
    return (side === 'left' ? runes.slice(0, count) : runes.slice(runes.length - count)).join('')
  spend(count)
  const padding = ' '.repeat(count - runes.length)
  return side === 'left' ? text + padding : padding + text
}

function indent(spaces: number, text: string, { spend }: CallContext): string {
  if (spaces < 0) throw new TemplateError('error calling indent: strings: negative Repeat count')
  spend(spaces * text.split('\n').length)
  const padding = ' '.repeat(spaces)
  return padding + text.replaceAll('\n', `\n${padding}`)
}

function repeat(count: number, text: string, { spend }: CallContext): string {
  if (count < 0) throw new TemplateError('error calling repeat: strings: negative Repeat count')
  spend(count * text.length)
  return text.repeat(count)
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }

function decodeQuery(text: string): string {
  const broken = /%(?![0-9a-fA-F]{2})/.exec(text)
  if (broken !== null) {
    const escape = JSON.stringify(text.slice(broken.index, broken.index + 3))
    throw new TemplateError(`error calling urldecode: invalid URL escape ${escape}`)
  }
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/[^%]+|%([0-9a-fA-F]{2})/g, (part, hex?: string) => hex ?? Buffer.from(part).toString('hex'))
  return Buffer.from(bytes, 'hex').toString()
}

function encodeQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

function decodeBase64(text: string): string {
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    return Buffer.from(text, 'base64').toString()
  }
  const at = /[^A-Za-z0-9+/]|$/.exec(text)?.index ?? 0
  return `illegal base64 data at input byte ${String(at)}`
}

export const STRING_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  ToLower: ofTexts(1, (text = '') => text.toLowerCase()),
  ToUpper: ofTexts(1, (text = '') => text.toUpperCase()),
  lower: ofTexts(1, (text = '') => text.toLowerCase()),
  upper: ofTexts(1, (text = '') => text.toUpperCase()),
  title: ofTexts(1, (text = '') => title(text)),
  Replace: {
    parameters: ['string', 'string', 'string', 'int'],
    call: ([text, old, replacement, times], { spend }) => {
      const replaced = replaceTimes(
        expectString(text),
        expectString(old),
        expectString(replacement),
        expectInteger(times),
      )
      spend(replaced.length)
      return replaced
    },
  },
  replace: {
    parameters: ['string', 'string', 'string'],
    call: ([old, replacement, text], { spend }) => {
      const replaced = replaceTimes(expectString(text), expectString(old), expectString(replacement), -1)
      spend(replaced.length)
      return replaced
    },
  },
  Trim: ofTexts(2, (text = '', set = '') => trimCharacters(text, set, 'both')),
  TrimLeft: ofTexts(2, (text = '', set = '') => trimCharacters(text, set, 'left')),
  TrimRight: ofTexts(2, (text = '', set = '') => trimCharacters(text, set, 'right')),
  TrimPrefix: ofTexts(2, (text = '', prefix = '') => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  TrimSuffix: ofTexts(2, (text = '', suffix = '') => trimSuffix(text, suffix)),
  TrimSpace: ofTexts(1, (text = '') => text.trim()),
  trim: ofTexts(1, (text = '') => text.trim()),
  trimAll: ofTexts(2, (set = '', text = '') => trimCharacters(text, set, 'both')),
  trimPrefix: ofTexts(2, (prefix = '', text = '') => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  trimSuffix: ofTexts(2, (suffix = '', text = '') => trimSuffix(text, suffix)),
  trunc: ofCount(truncate),
  substr: {
    parameters: ['int', 'int', 'string'],
    call: ([start, end, text]) => substring(expectInteger(start), expectInteger(end), expectString(text)),
  },
  alignLeft: ofCount((count, text, context) => align(count, text, 'left', context)),
  alignRight: ofCount((count, text, context) => align(count, text, 'right', context)),
  indent: ofCount(indent),
  nindent: ofCount((spaces, text, context) => `\n${indent(spaces, text, context)}`),
  repeat: ofCount(repeat),
  contains: ofTexts(2, (part = '', text = '') => text.includes(part)),
  hasPrefix: ofTexts(2, (prefix = '', text = '') => text.startsWith(prefix)),
  hasSuffix: ofTexts(2, (suffix = '', text = '') => text.endsWith(suffix)),
  b64enc: ofTexts(1, (text = '') => Buffer.from(text).toString('base64')),
  b64dec: ofTexts(1, (text = '') => decodeBase64(text)),
  urlencode: ofTexts(1, (text = '') => encodeQuery(text)),
  urldecode: ofTexts(1, (text = '') => decodeQuery(text)),
  default: {
    parameters: ['any'],
    variadic: 'any',
    call: ([fallback, given]) => (isTrue(given) ? given : fallback),
  },
  html: { parameters: [], variadic: 'any', call: (args) => joined(args).replace(/[&<>"']/g, (c) => HTML[c] ?? c) },
  urlquery: { parameters: [], variadic: 'any', call: (args) => encodeQuery(joined(args)) },
  js: { parameters: [], variadic: 'any', call: (args) => joined(args).replace(/[\\'"<>&=\n\r]/g, escapeScript) },
}

function trimSuffix(text: string, suffix: string): string {
  return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
}

function joined(args: readonly Value[]): string {
  return args.map(formatValue).join('')
}

function escapeScript(character: string): string {
  if (character === '\\' || character === "'" || character === '"') return `\\${character}`
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
