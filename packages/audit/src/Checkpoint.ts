/**
 * A tree head as a text to be signed: whose log, how many entries, which root.
 *
 * C1  A head is read as it was written; a text that is none, or is written in any other way, is refused.
 * C2  A head of another log, or that another key signed, is none of ours.
 *
 * Source: C2SP tlog-checkpoint. No line of ours follows the root: outside tools know three.
 */
import type { SigningKey } from "@vivim/crypto/SigningKey"
import { fromBase64, type NoteKey, open, sign } from "./SignedNote.ts"

export interface Checkpoint {
  /** Which log: unlike any other in the world. Also the name of the key. */
  readonly origin: string
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

export const write = ({ origin, root, size }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`

/** The head behind a text, or null. */
export const read = (text: string): Checkpoint | null => {
  const [origin, digits, encoded, ...rest] = text.split("\n")
  // Other logs may have lines of their own after the root; only the end is empty.
  if (rest.length === 0 || rest.pop() !== "" || rest.includes("")) return null
  const root = fromBase64(encoded ?? "")
  const size = Number(digits)
  if (origin === undefined || origin === "" || root === null || root.length !== 32) return null
  return Number.isSafeInteger(size) && size >= 0 && String(size) === digits
    ? { origin, size, root: new Uint8Array(root) }
    : null
}

export const signed = (checkpoint: Checkpoint, key: SigningKey): string =>
  sign(write(checkpoint), checkpoint.origin, key)

/** The head in a note that this log's own key signed, or null. */
export const opened = (note: string, key: NoteKey): Checkpoint | null => {
  const text = open(note, key)
  const checkpoint = text === null ? null : read(text)
  return checkpoint?.origin === key.name ? checkpoint : null
}
