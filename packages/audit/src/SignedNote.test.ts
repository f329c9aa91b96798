/** Signed notes and checkpoints: held to the note of Go's own reference, and to every way of not being one. */
import { fromSeed } from "@vivim/crypto/SigningKey"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as Checkpoint from "./Checkpoint.ts"
import { keyLine, open, readKey, sign } from "./SignedNote.ts"

/** The key and the note in the documentation of golang.org/x/mod/sumdb/note. */
const go = {
  seed: Buffer.from("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "base64").subarray(1),
  line: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature: "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
}
const goNote = `${go.text}\n\u2014 PeterNeumann ${go.signature}\n`
const goKey = readKey(go.line)!

const signer = fromSeed(Buffer.alloc(32, 7))
const key = { name: "vivim/log/1", publicKey: signer.publicKey }
const other = fromSeed(Buffer.alloc(32, 8))

describe("a signed note", () => {
  it("N1 is what Go writes and reads", () => {
    assert.strictEqual(sign(go.text, "PeterNeumann", fromSeed(go.seed)), goNote)
    assert.strictEqual(open(goNote, goKey), go.text)
    assert.strictEqual(keyLine({ name: "PeterNeumann", publicKey: fromSeed(go.seed).publicKey }), go.line)
  })

  it("N2 does not open when any byte of it is another", () => {
    const bytes = Buffer.from(goNote)
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 0x20]) {
        const altered = Buffer.from(bytes)
        altered[at]! ^= bit
        assert.notStrictEqual(open(altered.toString(), goKey), go.text, `${at}`)
      }
    }
    assert.isNull(open(goNote.slice(0, -1), goKey))
    assert.isNull(open(`${goNote}\n`, goKey))
    assert.isNull(open(go.text, goKey))
    assert.isNull(open(`${goNote}no signature\n`, goKey))
  })

  it("N2 opens among signatures of others, and not by one of them", () => {
    const text = "tea\n"
    const own = sign(text, key.name, signer)
    const theirs = sign(text, "elsewhere", other)
    const both = own + theirs.slice(text.length + 1)
    assert.strictEqual(open(both, key), text)
    assert.strictEqual(open(both, { name: "elsewhere", publicKey: other.publicKey }), text)
    assert.isNull(open(theirs, key))
    assert.isNull(open(sign(text, key.name, other), key), "the same name, another key")
    assert.isNull(open(sign(text, "elsewhere", signer), key), "the same key, another name")
  })

  it("N2 whatever text is signed opens as it was", () => {
    const line = FastCheck.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\0-\x1f\ufffd]/.test(text))
    FastCheck.assert(FastCheck.property(FastCheck.array(line, { minLength: 1 }), (lines) => {
      const text = `${lines.join("\n")}\n`
      assert.strictEqual(open(sign(text, key.name, signer), key), text)
    }))
    assert.throws(() => sign("no end", key.name, signer))
    assert.throws(() => sign("a\tb\n", key.name, signer))
    assert.throws(() => sign("tea\n", "two words", signer))
  })

  it("N3 its key travels as one line, and an altered line is none", () => {
    assert.deepStrictEqual({ ...readKey(keyLine(key))! }, key)
    for (let at = 0; at < go.line.length; at++) {
      const altered = go.line.slice(0, at) + (go.line[at] === "B" ? "C" : "B") + go.line.slice(at + 1)
      assert.isNull(readKey(altered), altered)
    }
    for (const line of ["", "a", "a+b", "a+00000000+AA==", `${go.line}=`]) assert.isNull(readKey(line))
  })
})

describe("a checkpoint", () => {
  const checkpoint = FastCheck.record({
    origin: FastCheck.constantFrom("vivim/log/1", "example.com/behind-the-sofa"),
    size: FastCheck.maxSafeNat(),
    root: FastCheck.uint8Array({ minLength: 32, maxLength: 32 })
  })

  it("C1 is read as it was written", () => {
    FastCheck.assert(FastCheck.property(checkpoint, (given) => {
      const read = Checkpoint.read(Checkpoint.write(given))!
      assert.deepStrictEqual({ ...read, root: [...read.root] }, { ...given, root: [...given.root] })
    }))
  })

  it("C1 in another way of writing is none", () => {
    const root = Buffer.alloc(32, 1).toString("base64")
    assert.isNotNull(Checkpoint.read(`o\n12\n${root}\n`))
    assert.isNotNull(Checkpoint.read(`o\n12\n${root}\nanother line\n`), "a line of someone else's")
    for (
      const text of [
        "",
        `o\n12\n${root}`,
        `\n12\n${root}\n`,
        `o\n012\n${root}\n`,
        `o\n+12\n${root}\n`,
        `o\n1.0\n${root}\n`,
        `o\n-1\n${root}\n`,
        `o\n9007199254740993\n${root}\n`,
        `o\n12\n${root.slice(0, -1)}\n`,
        `o\n12\n${root} \n`,
        `o\n12\n${Buffer.alloc(31).toString("base64")}\n`,
        `o\n12\n${root}\n\n`
      ]
    ) assert.isNull(Checkpoint.read(text), JSON.stringify(text))
  })

  it("C2 of another log, or under another key, is none of ours", () => {
    const head = { origin: key.name, size: 3, root: new Uint8Array(32) }
    assert.deepStrictEqual({ ...Checkpoint.opened(Checkpoint.signed(head, signer), key)! }, head)
    assert.isNull(Checkpoint.opened(Checkpoint.signed(head, other), key))
    assert.isNull(Checkpoint.opened(Checkpoint.signed({ ...head, origin: "vivim/log/2" }, signer), key))
    assert.isNull(Checkpoint.opened(sign(Checkpoint.write({ ...head, origin: "vivim/log/2" }), key.name, signer), key))
    assert.isNull(Checkpoint.opened(sign("no head\n", key.name, signer), key))
  })
})
