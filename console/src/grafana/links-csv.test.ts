import { describe, expect, it } from 'vitest'
import { toCsv } from './csv.ts'
import { fillUrl } from './links.ts'
import type { Variable } from './variables/interpolate.ts'

const variable = (name: string, values: string[], texts = values): [string, Variable] => [
  name,
  { name, values, texts, multi: true },
]
const place = {
  variables: new Map([variable('cluster', ['a b', 'c'], ['a b', 'c']), variable('job', ['x'], ['All'])]),
  fromMs: 1_000,
  toMs: 2_000,
  from: 'now-1h',
  to: 'now',
}
const subject = { name: 'CPU', labels: { pod: 'p&q' }, value: 3, row: { Pod: 'x/y' } }

describe('links', () => {
  it.each([
    ['https://e.com/?t=${__url_time_range}', 'https://e.com/?t=from=now-1h&to=now'],
    ['https://e.com/?${cluster:queryparam}', 'https://e.com/?var-cluster=a%20b&var-cluster=c'],
    ['https://e.com/?${__all_variables}', 'https://e.com/?var-cluster=a%20b&var-cluster=c&var-job=%24__all'],
    ['https://e.com/${__field.labels.pod}/${__value.raw}', 'https://e.com/p%26q/3'],
    ['https://e.com/${__data.fields.Pod}', 'https://e.com/x%2Fy'],
    ['https://e.com/${__data.fields["Pod"]}', 'https://e.com/x%2Fy'],
    ['/d/abc/some-name?var-x=$job', '/dashboards/abc?var-x=x'],
    ['d/abc', '/dashboards/abc'],
    ['/explore/logs?q=x', '/explore/logs?q=x'],
  ])('%s', (url, filled) => {
    expect(fillUrl(url, place, subject)).toBe(filled)
  })

  it.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    '/api/v1/fleet',
    'ftp://e.com',
    '${cluster}',
    '',
  ])('nothing else is a link: %s', (url) => {
    expect(fillUrl(url, place, subject)).toBeUndefined()
  })
})

describe('CSV', () => {
  it('quotes, writes times, and gives no formula to a spreadsheet', () => {
    const text = toCsv([
      {
        refId: 'A',
        fields: [
          { name: 'Time', labels: {}, type: 'time', values: [0, null] },
          { name: 'a,b', labels: {}, type: 'string', values: ['say "x"', '=HYPERLINK("http://e")'] },
          { name: 'Value', labels: {}, type: 'number', values: [-1.5, null] },
        ],
      },
    ])
    expect(text).toBe(
      'Time,"a,b",Value\r\n1970-01-01T00:00:00.000Z,"say ""x""",-1.5\r\n,"\'=HYPERLINK(""http://e"")",\r\n',
    )
  })
})
