const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
/** Words of hexadecimal digits that are long and hold a digit: hashes and ids, not `feedbeef` in prose. */
const HEX = /(?<![0-9A-Za-z])(?=[a-f]*[0-9])[0-9a-f]{12,}(?![0-9A-Za-z])/gi
/** Numbers that stand alone; not the one of `v1` or `http2`. */
const NUMBER = /(?<![0-9A-Za-z])[0-9]+(?![0-9A-Za-z])/g

/** A span's name with everything in it replaced that looks like an id: `GET /cart/8123` is `GET /cart/{id}`. */
export function withoutIds(name: string): string {
  return name.replace(UUID, '{id}').replace(HEX, '{id}').replace(NUMBER, '{id}')
}
