import { ALNUM, Generator, luhnDigit } from './generate.ts'

/** Texts in which nothing is to be found, at least five hundred: each looks like something in some way. */
export function lookAlikes(): readonly string[] {
  const g = new Generator(7)
  const made: string[] = []
  const add = (count: number, make: () => string): void => {
    for (let i = 0; i < count; i++) made.push(make())
  }
  const uuid = (hex: string): string => [8, 4, 4, 4, 12].map((length) => g.of(hex, length)).join('-')
  add(25, () => `trace ${g.of('0123456789abcdef', 32)} span ${g.of('0123456789abcdef', 16)}`)
  add(20, () => `request ${uuid('0123456789abcdef')} done`)
  add(15, () => `object ${uuid('0123456789')} stored`)
  add(
    25,
    () =>
      `${g.between(2020, 2026)}-${g.between(1, 12, 2)}-${g.between(1, 28, 2)}T${g.between(0, 23, 2)}:${g.between(0, 59, 2)}:${g.between(0, 59, 2)}.${g.digits(3)}+0${g.between(0, 9)}:00`,
  )
  add(20, () => `at ${String(1_700_000_000_000 + g.below(1e11))} ms`)
  add(15, () => `at ${String(1_700_000_000 + g.below(1e8))}`)
  add(15, () => `"timeUnixNano":"17${g.digits(17)}"`)
  add(20, () => `v${g.between(0, 30)}.${g.between(0, 40)}.${g.between(0, 99)}-rc.${g.between(1, 9)}`)
  add(15, () => `version ${g.between(1, 9)}.${g.between(0, 9)}.${g.between(0, 99)}.${g.between(0, 99)}`)
  add(15, () => `Chrome/${g.between(90, 130)}.0.${g.between(1000, 7000)}.${g.between(10, 250)} Safari/537.36`)
  add(10, () => `Chrome/${g.between(90, 130)}.0.0.0 Safari/537.36`)
  add(20, () => `read ${g.digits(10)} bytes in ${g.digits(3)} ms`)
  add(10, () => `grew by +${g.between(2, 9)}${g.digits(9)} bytes`)
  add(20, () => `order ${g.digits(4)}-${g.digits(4)}-${g.digits(4)}`)
  add(20, () => withWrongLuhn(g))
  add(10, () => withWrongLuhn(g).replace(/(.{4})(?=.)/g, '$1 '))
  add(10, () => `account 9${g.digits(15)}`)
  add(10, () => `id=1${g.digits(18)}`)
  add(10, () => `${g.pick(['000', '666', g.between(900, 999)])}-${g.between(1, 99, 2)}-${g.between(1, 9999, 4)}`)
  add(10, () => `${g.between(100, 600)}-00-${g.between(1, 9999, 4)}`)
  add(10, () => `${g.between(100, 600)}-${g.between(1, 99, 2)}-0000`)
  add(10, () => `part ${g.between(100, 600)}-${g.digits(2)}-${g.digits(5)}`)
  add(10, () => `zip ${g.digits(5)}-${g.digits(4)}`)
  add(10, () => `serial ${g.digits(9)}`)
  add(15, () => `${g.between(0, 1)}${g.digits(2)}-${g.digits(3)}-${g.digits(4)}-${g.digits(2)}`)
  add(10, () => `DE${g.digits(20)} is an order`.replace(/^DE(\d\d)/, (_, check: string) => `DE${wrongCheck(check)}`))
  add(10, () => `${g.pick(['XX', 'ZZ', 'QQ'])}${g.digits(20)}`)
  add(15, () => Array.from({ length: 6 }, () => g.of('0123456789abcdef', 2)).join(':'))
  add(10, () => Array.from({ length: 20 }, () => g.of('0123456789ABCDEF', 2)).join(':'))
  add(10, () => `${g.between(256, 999)}.${g.between(0, 255)}.${g.between(0, 255)}.${g.between(0, 255)}`)
  add(10, () => `1.3.6.1.4.1.${g.digits(4)}.${g.between(1, 9)}.${g.between(1, 9)}`)
  add(10, () => `section ${g.between(1, 9)}.${g.between(1, 9)}.${g.between(1, 9)}`)
  add(15, () => `image@sha256:${g.of('0123456789abcdef', 64)}`)
  add(10, () => `${g.pick(['lodash', 'react', 'vite'])}@${g.between(1, 20)}.${g.between(0, 20)}.${g.between(0, 20)}`)
  add(10, () => `java.lang.Object@${g.of('0123456789abcdef', 8)}`)
  add(10, () => `eyJ${g.of(ALNUM, 30)}.eyJ${g.of(ALNUM, 60)}.${g.of(ALNUM, 43)}`)
  add(10, () => `digest ${g.of('0123456789abcdef', 40)}`)
  add(10, () => `etag "${g.of(ALNUM, 40)}"`)
  add(10, () => `AKIA${g.of('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 10)}`)
  add(10, () => `price ${g.between(1, 999)},${g.digits(3)}.${g.digits(2)} USD`)
  add(10, () => `lat=${g.between(10, 89)}.${g.digits(6)} lon=-${g.between(10, 120)}.${g.digits(6)}`)
  return [...made, ...HAND_WRITTEN]
}

function withWrongLuhn(g: Generator): string {
  const body = `4${g.digits(14)}`
  return `${body}${String((Number(luhnDigit(body)) + 1 + g.below(9)) % 10)}`
}

function wrongCheck(check: string): string {
  // Check digits run from 02 to 98.
  return check === '99' ? '00' : '01'
}

const HAND_WRITTEN: readonly string[] = [
  'git@github.com:example/repo.git',
  'postgres://app:secret@db.example.com:5432/shop',
  'https://alice@git.example.com/x',
  'see @scope/package and user@host',
  'logo@2x.png and icon@3x.webp',
  'getty@tty1.service started, user@1000.service stopped',
  'decorator @app.route("/x")',
  'root@10-0-0-1:~# ls',
  'ubuntu@ip-10-0-0-1.eu-west-1.compute.internal',
  'a@b.c is too short',
  'return@forEach it@lambda',
  'std::vector<int>::iterator',
  'crate::module::Type',
  'at 12:34:56:789',
  'ratio 1:2:3:4',
  'C4:ca:42:38:a0:b9',
  'urn:isbn:978-0-306-40615-7',
  'isbn 0-306-40615-2',
  'pi is 3.14159265358979',
  '0.4111111111111111',
  'x4111111111111111',
  '4111111111111111y',
  'a-4111-1111-1111-1111',
  '1234-5678-9012-3456',
  '0000 0000 0000 0000',
  'SSN: 123-45-678',
  '123-456-789',
  '12-345-6789',
  'id-123-45-6789-x',
  '123-45-6789012',
  'row 123 45 6789 12',
  '555-0101',
  '+02:00 +0530 +5',
  '+10%',
  '1+2025550101',
  '1,234,567,890',
  '123-456-7890',
  '012-0000',
  '2024-05-01 12:00:00',
  '01/02/2024 03/04/2025',
  '01-02-2024 12:30',
  '20240501-120000-123',
  '2025550101 rows',
  '0x1F4111111111111111',
  '192.168.1',
  '1.2.3.4.5',
  '192.168.001.001',
  'v1.2.3.4',
  'FileVersion=4.8.9037.0',
  'Version: 8.0.0.0, Culture=neutral',
  '10.0.0.256',
  'sk_live_your_api_key_here',
  'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'AccountKey=; sig=short',
  '-----BEGIN PUBLIC KEY-----',
  '-----BEGIN CERTIFICATE-----',
  'eyJ.not.atoken',
  'secret_access_key is not set',
  'password=********',
  '[email] [us-ssn] [credit-card] [phone]',
  '****-****-****-1111',
]
