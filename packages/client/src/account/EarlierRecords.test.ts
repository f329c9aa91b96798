/** The promise of `EarlierRecords.ts`, with a record as the web client of 2026 wrote it. */
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as EarlierRecords from "./EarlierRecords.ts"
import { KeyStore } from "./KeyStore.ts"
import { newSealingKey, open } from "./SealedRecord.ts"

const text = (length: number, fill: number) => Encoding.encodeBase64Url(new Uint8Array(length).fill(fill))
const account = Did.make(`did:vivim:${"a".repeat(40)}`)
const page = globalThis as unknown as { location?: { readonly origin: string } }

beforeAll(() => {
  page.location = { origin: "https://node.example" }
})
afterAll(() => {
  delete page.location
})

/** As it was written: secrets as JSON, under a key of their own, without a name. */
const earlier = async (secrets: object, kitWrap: string | null) => {
  const sealing = await newSealingKey()
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const bytes = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv },
    sealing,
    new TextEncoder().encode(JSON.stringify(secrets))
  )
  const session = { sessionId: "s" } as never
  return { account: { userId: account }, signing: null, sealing, sealed: { iv, bytes }, kitWrap, session }
}

const readBack = async (secrets: object, kitWrap: string | null) => {
  const raw = await earlier(secrets, kitWrap)
  assert.isTrue(EarlierRecords.is(raw))
  const record = await EarlierRecords.convert(account, raw)
  assert.isFalse(EarlierRecords.is(record))
  assert.strictEqual(record.session, raw.session)
  const bytes = await open(record.sealing, "device", record.secrets["device"]!)
  const written = Effect.zipRight(
    Effect.flatMap(KeyStore, ({ write }) => write("device", Redacted.make(bytes))),
    DeviceKeys.read
  )
  return (await Effect.runPromise(Effect.provide(written, KeyStore.layerMemory)))!
}

describe("records of accounts from before this library", () => {
  const secrets = { signing: text(32, 1), rotation: text(32, 2), kem: text(32, 3), master: null }

  it("D1 keep every key, and the session", async () => {
    const keys = await readBack(secrets, null)
    assert.deepInclude(keys, { did: account, origin: "https://node.example", masterKeys: [], kit: null, kitWrap: null })
    assert.deepStrictEqual(
      [keys.signing!, keys.rotation, keys.kem].map((key) => Redacted.value(key)[0]),
      [1, 2, 3]
    )
    const signer = Effect.provide(DeviceKeys.signerOf(keys), ReferenceCryptoSuite.layer)
    assert.lengthOf(Effect.runSync(signer).publicKey, 32)
  })

  it("D1 keep what an interrupted sign-up had not given to the node yet", async () => {
    const keys = await readBack({ ...secrets, master: text(32, 4) }, text(97, 5))
    assert.strictEqual(Redacted.value(keys.masterKeys[0]!.key)[0], 4)
    assert.strictEqual(keys.masterKeys[0]!.generation, 1)
    assert.lengthOf(keys.kitWrap!, 97)
  })
})
