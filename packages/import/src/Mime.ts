/**
 * What a file is, told by its first bytes: names and declared types of exports are often wrong.
 *
 * Y1  Every kind in the table is told by its bytes; text is UTF-8 without control bytes; the rest is unknown.
 */

/** Where in a file which bytes stand; `null` matches any byte. */
type Magic = readonly [
  mime: string,
  at: number,
  bytes: ReadonlyArray<number>,
  then?: readonly [at: number, text: string]
]

const ascii = (text: string): ReadonlyArray<number> => [...text].map((char) => char.charCodeAt(0))

const MAGIC: ReadonlyArray<Magic> = [
  ["image/png", 0, [0x89, ...ascii("PNG\r\n"), 0x1a, 0x0a]],
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  ["image/gif", 0, ascii("GIF8")],
  ["image/webp", 0, ascii("RIFF"), [8, "WEBP"]],
  ["audio/wav", 0, ascii("RIFF"), [8, "WAVE"]],
  ["video/x-msvideo", 0, ascii("RIFF"), [8, "AVI "]],
  ["image/bmp", 0, ascii("BM"), [6, "\0\0\0\0"]],
  ["image/tiff", 0, [0x49, 0x49, 0x2a, 0x00]],
  ["image/tiff", 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ["application/pdf", 0, ascii("%PDF-")],
  ["application/zip", 0, [0x50, 0x4b, 0x03, 0x04]],
  ["application/zip", 0, [0x50, 0x4b, 0x05, 0x06]],
  ["application/age", 0, ascii("age-encryption.org/v1\n")],
  ["application/gzip", 0, [0x1f, 0x8b]],
  ["application/x-7z-compressed", 0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["application/vnd.rar", 0, ascii("Rar!")],
  ["application/vnd.sqlite3", 0, ascii("SQLite format 3")],
  ["audio/mpeg", 0, ascii("ID3")],
  ["audio/mpeg", 0, [0xff, 0xfb]],
  ["audio/mpeg", 0, [0xff, 0xf3]],
  ["audio/aac", 0, [0xff, 0xf1]],
  ["audio/ogg", 0, ascii("OggS")],
  ["audio/flac", 0, ascii("fLaC")],
  ["image/heic", 4, ascii("ftypheic")],
  ["image/avif", 4, ascii("ftypavif")],
  ["audio/mp4", 4, ascii("ftypM4A")],
  ["video/quicktime", 4, ascii("ftypqt")],
  ["video/mp4", 4, ascii("ftyp")],
  ["video/webm", 0, [0x1a, 0x45, 0xdf, 0xa3]]
]

const has = (head: Uint8Array, at: number, bytes: ReadonlyArray<number>): boolean =>
  bytes.every((byte, i) => head[at + i] === byte)

/** The media type behind the first bytes of a file (a few hundred are enough). */
export const sniffMime = (head: Uint8Array): string => {
  if (head.length === 0) return "application/x-empty"
  for (const [mime, at, bytes, then] of MAGIC) {
    if (has(head, at, bytes) && (then === undefined || has(head, then[0], ascii(then[1])))) return mime
  }
  if (has(head, 0, [0xff, 0xfe]) || has(head, 0, [0xfe, 0xff])) return "text/plain;charset=utf-16"
  if (!isText(head)) return "application/octet-stream"
  const text = new TextDecoder().decode(head.subarray(0, 512)).trimStart().toLowerCase()
  if (text.startsWith("<!doctype html") || text.startsWith("<html")) return "text/html"
  if (text.startsWith("<svg") || (text.startsWith("<?xml") && text.includes("<svg"))) return "image/svg+xml"
  return /^[[{]\s*(?:["{[\d\]}-]|true|false|null|$)/.test(text) ? "application/json" : "text/plain"
}

/** UTF-8 without control bytes; its last character may be cut. */
const isText = (head: Uint8Array): boolean => {
  if (
    head.some((byte) =>
      byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1b
    )
  ) {
    return false
  }
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}

/** Kinds of text that bytes cannot tell apart and nobody executes. */
const TEXTS = /^text\/(?:csv|tab-separated-values|markdown|calendar|vcard|x-[a-z.+-]{1,40})$/

/** What a file is, when its bytes only say that it is text and the export says which. */
export const finerMime = (sniffed: Mime, declared: Mime | null): Mime =>
  sniffed === "text/plain" && declared !== null && TEXTS.test(declared) ? declared : sniffed

/** A media type, lower case. */
export type Mime = string
