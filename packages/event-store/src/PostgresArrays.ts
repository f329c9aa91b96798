/**
 * Columns of a batch in PostgreSQL's binary array form, so that a thousand rows travel without being turned into text.
 *
 * B1  What is written is what the server reads back, element by element, for every type and for none at all.
 *
 * A Buffer given to `pg` as a value is sent in binary. Source: PostgreSQL, `array_recv` in arrayfuncs.c.
 */
const uuidOid = 2950, textOid = 25, byteaOid = 17, int8Oid = 20, int4Oid = 23

const headBytes = (count: number): number => count === 0 ? 12 : 20

/** Room for `count` elements of `bytes` bytes together, with the array's head written. */
const begin = (oid: number, count: number, bytes: number): Buffer => {
  const out = Buffer.allocUnsafe(headBytes(count) + 4 * count + bytes)
  out.writeInt32BE(count === 0 ? 0 : 1, 0)
  out.writeInt32BE(0, 4)
  out.writeInt32BE(oid, 8)
  if (count > 0) {
    out.writeInt32BE(count, 12)
    out.writeInt32BE(1, 16)
  }
  return out
}

export const textArray = (values: ReadonlyArray<string>): Buffer => {
  const lengths = values.map((value) => Buffer.byteLength(value))
  const out = begin(textOid, values.length, lengths.reduce((sum, n) => sum + n, 0))
  let at = headBytes(values.length)
  for (let i = 0; i < values.length; i++) {
    at = out.writeInt32BE(lengths[i]!, at)
    at += out.write(values[i]!, at)
  }
  return out
}

export const byteaArray = (values: ReadonlyArray<Uint8Array>): Buffer => {
  const out = begin(byteaOid, values.length, values.reduce((sum, value) => sum + value.length, 0))
  let at = headBytes(values.length)
  for (const value of values) {
    at = out.writeInt32BE(value.length, at)
    out.set(value, at)
    at += value.length
  }
  return out
}

export const uuidArray = (values: ReadonlyArray<string>): Buffer => {
  const out = begin(uuidOid, values.length, 16 * values.length)
  let at = headBytes(values.length)
  for (const value of values) {
    at = out.writeInt32BE(16, at)
    at += out.write(value.replaceAll("-", ""), at, "hex")
  }
  return out
}

export const int8Array = (values: ReadonlyArray<number>): Buffer => {
  const out = begin(int8Oid, values.length, 8 * values.length)
  let at = headBytes(values.length)
  for (const value of values) {
    at = out.writeInt32BE(8, at)
    at = out.writeBigInt64BE(BigInt(value), at)
  }
  return out
}

export const int4Array = (values: ReadonlyArray<number>): Buffer => {
  const out = begin(int4Oid, values.length, 4 * values.length)
  let at = headBytes(values.length)
  for (const value of values) {
    at = out.writeInt32BE(4, at)
    at = out.writeInt32BE(value, at)
  }
  return out
}
