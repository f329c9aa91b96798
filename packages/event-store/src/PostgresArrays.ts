/**
 * Columns of a batch in PostgreSQL's binary array form, so that a thousand rows travel without being turned into text.
 *
 * B1  What is written is what the server reads back, element by element, for every type and for none at all.
 *
 * A Buffer given to `pg` as a value is sent in binary. Source: PostgreSQL, `array_recv` in arrayfuncs.c.
 */
const oids = { bytea: 17, int8: 20, int4: 23, text: 25, uuid: 2950 }

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

export const textArray = <A>(rows: ReadonlyArray<A>, of: (row: A) => string): Buffer => {
  let bytes = 0
  for (const row of rows) bytes += Buffer.byteLength(of(row))
  const out = begin(oids.text, rows.length, bytes)
  let at = headBytes(rows.length)
  for (const row of rows) {
    const length = out.write(of(row), at + 4)
    out.writeInt32BE(length, at)
    at += 4 + length
  }
  return out
}

export const byteaArray = <A>(rows: ReadonlyArray<A>, of: (row: A) => Uint8Array): Buffer => {
  let bytes = 0
  for (const row of rows) bytes += of(row).length
  const out = begin(oids.bytea, rows.length, bytes)
  let at = headBytes(rows.length)
  for (const row of rows) {
    const value = of(row)
    at = out.writeInt32BE(value.length, at)
    out.set(value, at)
    at += value.length
  }
  return out
}

const hyphen = 45
/** 0-9 and a-f. */
const nibble = (code: number): number => code < 58 ? code - 48 : code - 87

/** Lower case, with hyphens. */
export const uuidArray = <A>(rows: ReadonlyArray<A>, of: (row: A) => string): Buffer => {
  const out = begin(oids.uuid, rows.length, 16 * rows.length)
  let at = headBytes(rows.length)
  for (const row of rows) {
    const value = of(row)
    at = out.writeInt32BE(16, at)
    for (let i = 0; i < 36; i += 2) {
      if (value.charCodeAt(i) === hyphen) i++
      out[at++] = nibble(value.charCodeAt(i)) << 4 | nibble(value.charCodeAt(i + 1))
    }
  }
  return out
}

/** Not negative. */
export const int8Array = <A>(rows: ReadonlyArray<A>, of: (row: A) => number): Buffer => {
  const out = begin(oids.int8, rows.length, 8 * rows.length)
  let at = headBytes(rows.length)
  for (const row of rows) {
    const value = of(row)
    at = out.writeInt32BE(8, at)
    at = out.writeUInt32BE(Math.floor(value / 0x100000000), at)
    at = out.writeUInt32BE(value % 0x100000000, at)
  }
  return out
}

export const int4Array = <A>(rows: ReadonlyArray<A>, of: (row: A) => number): Buffer => {
  const out = begin(oids.int4, rows.length, 4 * rows.length)
  let at = headBytes(rows.length)
  for (const row of rows) {
    at = out.writeInt32BE(4, at)
    at = out.writeInt32BE(of(row), at)
  }
  return out
}
