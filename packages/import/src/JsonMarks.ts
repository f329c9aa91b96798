/** The bytes that give JSON its structure; all else between them is space, digits and letters. */

export const JsonMarks = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  escape: 0x5c,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d
} as const

const { quote, comma, colon, openList, closeList, openObject, closeObject } = JsonMarks

/** 1 at every structural byte. */
export const structure = new Uint8Array(256)
for (const byte of [quote, comma, colon, openList, closeList, openObject, closeObject]) structure[byte] = 1

export const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
