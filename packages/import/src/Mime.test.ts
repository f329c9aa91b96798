/** First bytes of every kind of file. */
import { assert, describe, it } from "vitest"
import { finerMime, sniffMime } from "./Mime.ts"

const bytes = (...parts: ReadonlyArray<string | number>) =>
  Buffer.concat(parts.map((part) => typeof part === "string" ? Buffer.from(part, "latin1") : Uint8Array.of(part)))

const KINDS: ReadonlyArray<readonly [string, Uint8Array]> = [
  ["image/png", bytes(0x89, "PNG\r\n", 0x1a, "\n", 0, 0, 0, 13)],
  ["image/jpeg", bytes(0xff, 0xd8, 0xff, 0xe0)],
  ["image/gif", bytes("GIF89a")],
  ["image/webp", bytes("RIFF", 1, 2, 3, 4, "WEBPVP8 ")],
  ["audio/wav", bytes("RIFF", 1, 2, 3, 4, "WAVEfmt ")],
  ["application/pdf", bytes("%PDF-1.7\n%", 0xe2, 0xe3)],
  ["audio/mpeg", bytes("ID3", 3, 0)],
  ["audio/mpeg", bytes(0xff, 0xfb, 0x90, 0)],
  ["audio/ogg", bytes("OggS", 0, 2)],
  ["audio/mp4", bytes(0, 0, 0, 32, "ftypM4A ")],
  ["video/mp4", bytes(0, 0, 0, 32, "ftypisom")],
  ["video/webm", bytes(0x1a, 0x45, 0xdf, 0xa3)],
  ["image/heic", bytes(0, 0, 0, 24, "ftypheic")],
  ["application/zip", bytes("PK", 3, 4)],
  ["application/age", bytes("age-encryption.org/v1\n-> X25519 ")],
  ["application/vnd.sqlite3", bytes("SQLite format 3", 0)],
  ["text/html", bytes("<!DOCTYPE html><html>")],
  ["text/html", bytes("  <html lang=en>")],
  ["image/svg+xml", bytes("<svg xmlns='x'>")],
  ["application/json", bytes(" {\"a\": 1}")],
  ["application/json", bytes("[{\"a\": 1}]")],
  ["text/plain", bytes("BMW is a car, and [not json]")],
  ["text/plain", Buffer.from("naïve café 日本")],
  ["text/plain;charset=utf-16", bytes(0xff, 0xfe, "a", 0)],
  ["application/octet-stream", bytes("text", 0, 1, 2)],
  ["application/octet-stream", bytes(0xc3, 0x28, 0xff)],
  ["application/x-empty", bytes()]
]

describe("Mime", () => {
  it("Y1 every kind is told by its bytes", () => {
    for (const [mime, head] of KINDS) assert.strictEqual(sniffMime(head), mime, Buffer.from(head).toString("latin1"))
  })

  it("Y1 the export may say which text it is, and nothing else", () => {
    assert.strictEqual(finerMime("text/plain", "text/csv"), "text/csv")
    for (const declared of ["text/html", "image/png", "application/pdf", "text/javascript", null]) {
      assert.strictEqual(finerMime("text/plain", declared), "text/plain")
    }
    assert.strictEqual(finerMime("image/png", "text/csv"), "image/png")
  })

  it("Y1 a character cut by the end of the sample is still text", () => {
    assert.strictEqual(sniffMime(Buffer.from("日本").subarray(0, 4)), "text/plain")
  })
})
