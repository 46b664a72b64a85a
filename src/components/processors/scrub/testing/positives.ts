import type { Detector } from '../../../../fleet/index.ts'
import type { LabelledText } from './corpus.ts'
import { ALNUM, Generator } from './generate.ts'

/** Where log lines have values: `%` is the value's place. */
const SENTENCES = [
  'user % logged in',
  'receipt sent to %.',
  '{"level":"info","value":"%","ok":true}',
  'level=warn who="%" took=12ms',
  'could not process <%>: retry in 5s',
  '2024-05-01T12:00:00.123Z INFO handled % in 31 ms',
  '%',
  'a, %, b',
  'GET /search?q=%&page=2 HTTP/1.1',
  'customer (%) asked again',
  "value='%'",
  'données reçues: % — terminé',
]

/** Texts that hold personal data, at least five hundred, with what has to be found. */
export function positives(): readonly LabelledText[] {
  const made: LabelledText[] = []
  const generator = new Generator(20_260_101)
  const add = (
    detector: Detector,
    count: number,
    make: () => string,
    sentences: readonly string[] = SENTENCES,
  ): void => {
    for (let i = 0; i < count; i++) {
      const value = make()
      const sentence = sentences[made.length % sentences.length] ?? '%'
      made.push({ text: sentence.replace('%', () => value), labels: [{ detector, value }] })
    }
  }
  const g = generator
  add('email', 70, () => g.email())
  add('us-ssn', 60, () => g.ssn())
  add('us-ssn', 10, () => g.ssn(' '), ['SSN %', 'ssn: %, checked', 'number % given'])
  add('us-ssn', 8, () => g.ssn(''), ['SSN=%', '{"ssn":"%"}', 'social security number %'])
  add('credit-card', 16, () => g.card('4', 16))
  add('credit-card', 12, () => g.card(g.pick(['51', '52', '53', '54', '55', '2221', '2720']), 16))
  add('credit-card', 8, () => g.card(g.pick(['34', '37']), 15))
  add('credit-card', 8, () => g.card(g.pick(['6011', '644', '65']), 16))
  add('credit-card', 6, () => g.card(g.pick(['300', '305', '36', '38']), 14))
  add('credit-card', 6, () => g.card(g.pick(['3528', '3589']), 16))
  add('credit-card', 6, () => g.card('62', g.pick([16, 17, 18, 19])))
  add('credit-card', 16, () => g.card('4', 16, g.pick([' ', '-'])))
  add('credit-card', 8, () => g.card('37', 15, g.pick([' ', '-']), [4, 6, 5]))
  add('phone', 20, () => `+1${northAmerican(g, '')}`)
  add('phone', 20, () => `+1 ${northAmerican(g, g.pick(['-', ' ', '.']))}`)
  add('phone', 12, () => northAmerican(g, g.pick(['-', '.'])))
  add('phone', 8, () => `(${g.between(201, 210)}) 555-01${g.digits(2)}`)
  add('phone', 10, () => `+44 20 7946 0${g.digits(3)}`)
  add('phone', 10, () => `+49 30 23125 ${g.digits(3)}`)
  add('phone', 10, () => `+97150${g.between(2, 9)}${g.digits(6)}`)
  add('phone', 8, () => `+33 ${g.pick(['1', '6', '7'])} ${g.digits(2)} 99 00 ${g.between(10, 99)}`)
  add('phone', 8, () => `07700 900${g.digits(3)}`)
  add('phone', 6, () => `020 7946 0${g.digits(3)}`)
  add('phone', 6, () => `06 12 34 ${g.between(10, 99)} ${g.between(10, 99)}`)
  add('phone', 6, () => northAmerican(g, ''), ['phone: %', '{"mobile":"%"}', 'call % now'])
  for (const [country, length] of [
    ['DE', 22],
    ['GB', 22],
    ['FR', 27],
    ['AE', 23],
    ['NL', 18],
    ['NO', 15],
    ['MT', 31],
  ] as const) {
    // Banks of these two have letters, which the generator does not make; check digits are right all the same.
    add('iban', 5, () => g.iban(country, length, false))
    add('iban', 4, () => g.iban(country, length, true))
  }
  add('ipv4', 55, () => `${g.between(1, 223)}.${g.between(0, 255)}.${g.between(0, 255)}.${g.between(1, 254)}`)
  add('ipv6', 15, () => `2001:db8::${g.of('123456789abcdef', 3)}`)
  add('ipv6', 15, () => Array.from({ length: 8 }, (_, i) => (i === 0 ? '2001' : g.of('123456789abcdef', 4))).join(':'))
  add('ipv6', 6, () => `fe80::${g.of('123456789', 2)}ff:fe${g.of('123456789', 2)}:${g.of('123456789abcdef', 4)}`)
  add('ipv6', 4, () => `::ffff:192.0.2.${g.between(1, 254)}`)
  add('jwt', 40, () => g.jwt())
  add('cloud-key', 10, () => `AKIA${g.of('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`)
  add('cloud-key', 8, () => `AIza${g.of(ALNUM, 35)}`)
  add('cloud-key', 8, () => `gh${g.pick(['p', 'o', 's'])}_${g.of(ALNUM, 36)}`)
  add('cloud-key', 4, () => `github_pat_${g.of(ALNUM, 22)}_${g.of(ALNUM, 59)}`)
  add('cloud-key', 6, () => `xoxb-${g.digits(12)}-${g.of(ALNUM, 24)}`)
  add('cloud-key', 6, () => `sk_live_${g.of(ALNUM, 24)}`)
  add('cloud-key', 6, () => g.of(ALNUM, 40), [
    'aws_secret_access_key = %',
    '{"SecretAccessKey":"%"}',
    'AWS_SECRET_ACCESS_KEY=%',
  ])
  add('cloud-key', 5, () => `${g.of(ALNUM, 86)}==`, ['AccountName=shop;AccountKey=%;EndpointSuffix=core.windows.net'])
  add('cloud-key', 5, () => `${g.of(ALNUM, 41)}%2B%3D`, [
    'https://shop.blob.core.windows.net/c?sv=2022-11-02&se=2026-01-01&sig=%',
  ])
  add(
    'cloud-key',
    4,
    () => `-----BEGIN PRIVATE KEY-----\n${g.of(ALNUM, 64)}\n${g.of(ALNUM, 64)}\n-----END PRIVATE KEY-----`,
  )
  return [...made, ...handWritten()]
}

function northAmerican(g: Generator, separator: string): string {
  return [g.between(212, 216), '555', `01${g.digits(2)}`].join(separator)
}

function handWritten(): readonly LabelledText[] {
  const one = (detector: Detector, text: string, value: string): LabelledText => ({
    text,
    labels: [{ detector, value }],
  })
  return [
    one('email', 'GET /u?mail=alice%40example.com&x=1', 'alice%40example.com'),
    one('email', 'mailto:alice@example.com?subject=x', 'alice@example.com'),
    one('email', 'Mail jörg@münchen.example jetzt', 'jörg@münchen.example'),
    one('email', '联系邮箱:wang@example.cn。', 'wang@example.cn'),
    one('email', 'https://x.example/u/alice@example.com', 'alice@example.com'),
    one('email', 'Alice <alice@example.com>, Bob', 'alice@example.com'),
    one('email', '"msg":"hello\\nalice@example.com"', 'alice@example.com'),
    one('email', '2025550101@sms.example.com', '2025550101@sms.example.com'),
    one('email', 'first..alice@example.com', 'alice@example.com'),
    one('us-ssn', 'SSN: 219-09-9999.', '219-09-9999'),
    one('us-ssn', '{"ssn":"078-05-1120"}', '078-05-1120'),
    one('credit-card', 'paid with 4111 1111 1111 1111 12/26', '4111 1111 1111 1111'),
    one('credit-card', 'order 12 4111 1111 1111 1111 ok', '4111 1111 1111 1111'),
    one('credit-card', '{"card":4242424242424242}', '4242424242424242'),
    one('credit-card', 'pan=4222222222222;', '4222222222222'),
    one('phone', 'tel:+1-202-555-0101', '+1-202-555-0101'),
    one('phone', 'ring +44 (0)20 7946 0958 today', '+44 (0)20 7946 0958'),
    one('phone', '1-800-555-0199', '1-800-555-0199'),
    one('phone', '1 (202) 555-0123', '1 (202) 555-0123'),
    one('phone', 'phone 202 555 0101', '202 555 0101'),
    one('phone', 'Tel. 0049 30 23125 000', '0049 30 23125 000'),
    one('phone', 'office 030/901820', '030/901820'),
    one('phone', 'Sydney (02) 9876 5432', '(02) 9876 5432'),
    one('phone', '+1 202 555 0147x123', '+1 202 555 0147'),
    one('phone', '电话+8613800138000', '+8613800138000'),
    one('iban', 'IBAN GB82 WEST 1234 5698 7654 32', 'GB82 WEST 1234 5698 7654 32'),
    one('iban', 'from NL91ABNA0417164300 to', 'NL91ABNA0417164300'),
    one('iban', 'MT84MALT011000012345MTLCAST001S', 'MT84MALT011000012345MTLCAST001S'),
    one('ipv4', 'peer=198.51.100.7:51234', '198.51.100.7'),
    one('ipv4', 'http://192.0.2.1/x', '192.0.2.1'),
    one('ipv4', 'route 203.0.113.0/24 added', '203.0.113.0'),
    one('ipv4', 'from host/10.1.2.3:443', '10.1.2.3'),
    one('ipv6', 'connect to [2001:db8::1]:443', '2001:db8::1'),
    one('ipv6', 'fe80::1%eth0 is down', 'fe80::1%eth0'),
    one('ipv6', 'listening on ::1.', '::1'),
    one('ipv6', '2001:db8::1: unreachable', '2001:db8::1'),
    one('cloud-key', 'AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE'),
    one(
      'cloud-key',
      '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA',
      '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA',
    ),
    one(
      'cloud-key',
      '{"private_key":"-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----\\n"}',
      '-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----',
    ),
  ]
}
