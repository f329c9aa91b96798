/** The promises of the payload cipher and of what stands on it. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import * as CommandIds from "./CommandIds.ts"
import * as DidKey from "./DidKey.ts"
import * as EventSeal from "./EventSeal.ts"
import { fromMasterKey } from "./MasterKeyCipher.ts"
import * as NodeKeyCipher from "./NodeKeyCipher.ts"
import { PayloadCipher } from "./PayloadCipher.ts"

const run = <A, E>(work: Effect.Effect<A, E>) => Effect.runSync(work)
const bytes = (text: string) => new TextEncoder().encode(text)
const subject = { owner: "did:key:zAda", stream: "document/d1" }
const cipher = fromMasterKey(new Uint8Array(32).fill(7))

describe("PayloadCipher", () => {
  it("P1 opens what it sealed, for that subject and context only", () => {
    const sealed = run(cipher.seal(subject, bytes("ctx"), bytes("steep for 3 minutes")))
    assert.deepStrictEqual(
      Buffer.from(run(cipher.open(subject, bytes("ctx"), sealed))),
      Buffer.from(bytes("steep for 3 minutes"))
    )
    for (
      const other of [
        cipher.open({ ...subject, owner: "did:key:zBo" }, bytes("ctx"), sealed),
        cipher.open({ ...subject, stream: "document/d2" }, bytes("ctx"), sealed),
        cipher.open(subject, bytes("another"), sealed),
        fromMasterKey(new Uint8Array(32)).open(subject, bytes("ctx"), sealed)
      ]
    ) assert.isTrue(Either.isLeft(run(Effect.either(other))))
  })

  it("P2 refuses altered or cut bytes", () => {
    const sealed = run(cipher.seal(subject, bytes(""), bytes("steep")))
    for (let at = 0; at < sealed.length; at++) {
      const altered = Uint8Array.from(sealed)
      altered[at]! ^= 1
      assert.isTrue(Either.isLeft(run(Effect.either(cipher.open(subject, bytes(""), altered)))), `byte ${at}`)
      assert.isTrue(
        Either.isLeft(run(Effect.either(cipher.open(subject, bytes(""), sealed.subarray(0, at))))),
        `cut ${at}`
      )
    }
  })

  it("P3 never seals to the same bytes twice", () => {
    const seen = new Set(
      Array.from(
        { length: 2_000 },
        () => Buffer.from(run(cipher.seal(subject, bytes(""), bytes("steep")))).toString("hex")
      )
    )
    assert.strictEqual(seen.size, 2_000)
  })

  it("P4 addresses content by a keyed name", () => {
    const hash = new Uint8Array(32).fill(1)
    const name = run(cipher.addresses("did:key:zAda", hash))[0]
    assert.deepStrictEqual(run(cipher.addresses("did:key:zAda", hash))[0], name)
    assert.notDeepEqual(run(cipher.addresses("did:key:zBo", hash))[0], name)
    assert.notDeepEqual(Buffer.from(name), Buffer.from(hash))
  })

  it("binds an event's private part to its place", () => {
    const header = { ...subject, id: "e1", type: "document.MessageAppended", schemaVersion: 1 }
    const sealed = run(EventSeal.seal(cipher, header, bytes("private")))
    assert.deepStrictEqual(
      Buffer.from(run(EventSeal.open(cipher, { ...header, private: sealed }))).toString(),
      "private"
    )
    assert.isTrue(Either.isLeft(run(Effect.either(EventSeal.open(cipher, { ...header, id: "e2", private: sealed })))))
  })
})

describe("NodeKeyCipher", () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "vivim-key-")), "keys", "node.key")
  const use = (mayCreate: boolean) =>
    Effect.either(Effect.provide(PayloadCipher, NodeKeyCipher.layer({ file, mayCreate })))

  it("makes a key once, 0600, and reads it again", () => {
    assert.isTrue(Either.isLeft(run(use(false))), "no key, and none may be made")
    const first = Either.getOrThrow(run(use(true)))
    assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
    const sealed = run(first.seal(subject, bytes(""), bytes("kept")))
    const second = Either.getOrThrow(run(use(false)))
    assert.strictEqual(Buffer.from(run(second.open(subject, bytes(""), sealed))).toString(), "kept")
  })

  it("refuses a key others can read, and a key cut short", () => {
    fs.chmodSync(file, 0o644)
    assert.include(String(Either.getOrElse(run(use(false)), (error) => error)), "chmod 600")
    fs.chmodSync(file, 0o600)
    fs.truncateSync(file, 31)
    assert.include(String(Either.getOrElse(run(use(false)), (error) => error)), "31 bytes")
  })
})

describe("CommandIds", () => {
  it("I1 makes UUIDv7 that carry their time", async () => {
    const before = Date.now()
    const id = await Effect.runPromise(CommandIds.next)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.isTrue(CommandIds.millisOf(id) >= before && CommandIds.millisOf(id) <= Date.now())
  })

  it("I2 derives the same id for the same step", async () => {
    const from = await Effect.runPromise(CommandIds.next)
    const [first, second] = [CommandIds.derive(from, "1"), CommandIds.derive(from, "2")]
    assert.strictEqual(CommandIds.derive(from, "1"), first)
    assert.notStrictEqual(first, second)
    assert.notStrictEqual(CommandIds.derive(first, "1"), first)
    assert.strictEqual(CommandIds.millisOf(first), CommandIds.millisOf(from))
    assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    // By node:crypto: SHA-256 over "<id>/1", its first ten bytes behind the time.
    const digest = createHash("sha256").update(`${from}/1`).digest("hex")
    assert.strictEqual(first.slice(-12), digest.slice(8, 20))
  })
})

it("did:key spells the well-known vector", () => {
  // W3C CCG did:key specification, Ed25519 example.
  const key = Buffer.from("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6", "hex")
  assert.strictEqual(DidKey.fromEd25519(key), "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
})
