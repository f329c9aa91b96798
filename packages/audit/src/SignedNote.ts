/**
 * Signed notes: a text that people and programs can read, with lines under it that say who signed it.
 *
 * N1  A note is byte for byte what other implementations write and read.
 * N2  A note opens only as it was signed, under the key it is opened with; signatures of others beside it are let be.
 * N3  A key travels as one line of text, which says its own name and is refused when it does not fit itself.
 *
 * Source: C2SP signed-note; a key's line is that of Go's sumdb/note.
 */
import { type SigningKey, verify } from "@vivim/crypto/SigningKey"
import { hash } from "node:crypto"

/** Who signs: a name, and the public half of an Ed25519 key. */
export interface NoteKey {
  readonly name: string
  readonly publicKey: Uint8Array
}

const ed25519 = 1
/** An em dash and a space. */
const mark = "\u2014 "
const nameOf = /^[^\s+]+$/u
const bytesMax = 1 << 20
const signaturesMax = 100

/** The first four bytes of a hash over the name, the kind of key, and the key. */
const idOf = ({ name, publicKey }: NoteKey): Buffer =>
  hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ed25519), publicKey]), "buffer").subarray(0, 4)

/** The bytes behind base64 as it must be written, or null. */
export const fromBase64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, "base64")
  return bytes.toString("base64") === text ? bytes : null
}

/** The line by which others know the key. */
export const keyLine = (key: NoteKey): string =>
  `${key.name}+${idOf(key).toString("hex")}+${Buffer.concat([Buffer.of(ed25519), key.publicKey]).toString("base64")}`

/** The key behind its line, or null. */
export const readKey = (line: string): NoteKey | null => {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(line) ?? []
  const bytes = fromBase64(encoded ?? "")
  if (name === undefined || bytes === null || bytes.length !== 33 || bytes[0] !== ed25519) return null
  const key = { name, publicKey: new Uint8Array(bytes.subarray(1)) }
  return idOf(key).toString("hex") === id ? key : null
}

/** Signs a text that ends with a line break. */
export const sign = (text: string, name: string, key: SigningKey): string => {
  if (!nameOf.test(name)) throw new RangeError(`"${name}" cannot be the name of a key`)
  if (!text.endsWith("\n") || hasControls(text)) throw new RangeError("this text cannot be signed as a note")
  const id = idOf({ name, publicKey: key.publicKey })
  const signature = Buffer.concat([id, key.sign(Buffer.from(text))]).toString("base64")
  return `${text}\n${mark}${name} ${signature}\n`
}

/** The text of a note that this key signed, or null. */
export const open = (note: string, key: NoteKey): string | null => {
  if (note.length > bytesMax || hasControls(note)) return null
  const cut = note.lastIndexOf("\n\n")
  if (cut < 0 || !note.endsWith("\n")) return null
  const text = note.slice(0, cut + 1)
  const lines = note.slice(cut + 2, -1).split("\n")
  if (lines.length > signaturesMax) return null
  let opened = false
  for (const line of lines) {
    const [, name, encoded] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? []
    const bytes = fromBase64(encoded ?? "")
    // One line that is none makes all of it something else than a note.
    if (name === undefined || bytes === null || bytes.length < 5) return null
    if (opened || name !== key.name || !bytes.subarray(0, 4).equals(idOf(key))) continue
    if (!verify(key.publicKey, Buffer.from(text), bytes.subarray(4))) return null
    opened = true
  }
  return opened ? text : null
}

/** Line breaks aside. */
const hasControls = (text: string): boolean => /[\0-\x09\x0b-\x1f\ufffd]/.test(text)
