/**
 * International calling codes (ITU-T E.164) with the least and most digits of a number behind them. Where a country's
 * plan is not spelled out here, six to eleven.
 */
const SPELLED_OUT =
  '1:10-10 7:10-10 20:8-10 27:9-9 30:10-10 31:9-9 32:8-9 33:9-9 34:9-9 36:8-9 39:6-11 40:9-9 41:9-9 43:6-13 44:9-10 45:8-8 ' +
  '46:7-9 47:8-8 48:9-9 49:6-11 51:8-9 52:10-11 53:6-8 54:10-11 55:10-11 56:9-9 57:8-10 58:10-10 60:8-10 61:9-9 62:8-12 ' +
  '63:8-10 64:8-10 65:8-8 66:8-9 81:9-10 82:8-11 84:8-10 86:10-11 90:10-10 91:10-10 92:9-10 93:9-9 94:9-9 95:7-10 98:10-10 ' +
  '212:9-9 351:9-9 353:7-9 358:6-11 370:8-8 371:8-8 372:7-8 380:9-9 420:9-9 421:9-9 852:8-8 853:8-8 886:8-9 961:7-8 962:8-9 ' +
  '965:8-8 966:8-9 968:8-8 971:8-9 972:8-9 973:8-8 974:8-8'

const OTHERS =
  '211 213 216 218 220-269 290 291 297-299 350-359 373-378 381-383 385-387 389 423 500-509 590-599 670 672-683 685-692 800 ' +
  '808 850 855 856 870 878 880-883 888 960 963 964 967 970 975-977 979 992-996 998'

export interface NumberLength {
  readonly least: number
  readonly most: number
}

const LENGTHS: ReadonlyMap<string, NumberLength> = (() => {
  const lengths = new Map<string, NumberLength>()
  for (const entry of OTHERS.split(' ')) {
    const [from = '', to = from] = entry.split('-')
    for (let code = Number(from); code <= Number(to); code++) lengths.set(String(code), { least: 6, most: 11 })
  }
  for (const entry of SPELLED_OUT.split(' ')) {
    const [code = '', range = ''] = entry.split(':')
    const [least = '', most = ''] = range.split('-')
    lengths.set(code, { least: Number(least), most: Number(most) })
  }
  return lengths
})()

/** The length of the calling code that the digits begin with, and of numbers behind it; no code begins with another. */
export function findCallingCode(digits: string): (NumberLength & { readonly codeLength: number }) | undefined {
  for (const codeLength of [1, 2, 3]) {
    const length = LENGTHS.get(digits.slice(0, codeLength))
    if (length !== undefined) return { ...length, codeLength }
  }
  return undefined
}
