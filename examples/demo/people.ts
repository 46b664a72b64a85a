/**
 * Invented customers. Their data ends up in log lines on purpose: it is what scrubbing has to find. The card numbers
 * are the test numbers of the card networks, the phone numbers and addresses are from ranges reserved for fiction, and
 * the social security numbers were published long ago and declared void.
 */
export interface Customer {
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly ssn: string
  readonly card: string
}

const NAMES = ['Amira Haddad', 'Jonas Weber', 'Priya Nair', 'Lucas Moreau', 'Mei Tanaka', 'Olu Adeyemi', 'Sofia Rossi']
const CARDS = ['4111 1111 1111 1111', '5555-5555-5555-4444', '378282246310005', '6011111111111117']

const VOID_SSNS = ['078-05-1120', '219-09-9999']

export function randomCustomer(): Customer {
  const name = pick(NAMES)
  const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(Math.random() * 10)).join('')
  return {
    name,
    email: `${name.toLowerCase().replace(' ', '.')}@example.com`,
    phone: `+1 202-555-01${digits(2)}`,
    ssn: pick(VOID_SSNS),
    card: pick(CARDS),
  }
}

export function pick<T>(choices: readonly T[]): T {
  const choice = choices[Math.floor(Math.random() * choices.length)]
  if (choice === undefined) throw new RangeError('pick from an empty list')
  return choice
}
