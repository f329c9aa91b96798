/** What the page of `crypto.test.ts` can be asked: the browser's engine, held to vectors, to the reference and to the golden examples. */
import * as BrowserCryptoSuite from "@vivim/crypto/BrowserCryptoSuite"
import { utf8 } from "@vivim/crypto/Bytes"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import * as Randomness from "@vivim/crypto/Randomness"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { construct } from "@vivim/crypto/SuiteConstruction"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { compare } from "../conformance/CryptoDifferential.ts"
import { type Golden, lost, make, seed } from "../conformance/CryptoGolden.ts"
import { ask, askForgeries } from "../conformance/CryptoVectors.ts"

const engine = Effect.suspend(() => BrowserCryptoSuite.engine(Randomness.seeded(seed), globalThis.crypto.subtle))

/** A key that cannot be taken out signs; kept in IndexedDB and fetched again, it still does. */
const deviceKeys = Effect.gen(function*() {
  const made = yield* BrowserCryptoSuite.newDeviceKeys
  if (Option.isNone(made)) return "none"
  const kept = yield* Effect.promise(() => keep(made.value))
  const signer = yield* BrowserCryptoSuite.deviceSigner(kept)
  const message = utf8("two cups")
  const isGood = Ed25519.verify(signer.publicKey, message, yield* signer.sign(message))
  const taken = yield* Effect.promise(() =>
    globalThis.crypto.subtle.exportKey("pkcs8", kept.privateKey).then(() => "and was taken out", () => "and stayed")
  )
  return `${isGood ? "signed" : "signed wrongly"} ${taken}`
})

/** The compiler's page is Node's, which has no IndexedDB. */
interface Request {
  result: any
  onsuccess: () => void
  onupgradeneeded: () => void
}
declare const indexedDB: { open(name: string): Request }

const asked = (request: Request) => new Promise<any>((resolve) => request.onsuccess = () => resolve(request.result))

const keep = async (keys: BrowserCryptoSuite.DeviceKeys): Promise<BrowserCryptoSuite.DeviceKeys> => {
  const opening = indexedDB.open("keys")
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys")
  const database = await asked(opening)
  await asked(database.transaction("keys", "readwrite").objectStore("keys").put(keys, "device"))
  return asked(database.transaction("keys").objectStore("keys").get("device"))
}

/** What the test calls, by name. */
const doors = {
  vectors: async (file: string) => {
    const given = await (await fetch(`/vectors/${file}`)).json()
    return Effect.runPromise(Effect.flatMap(engine, (own) => ask(file, given, own)))
  },
  forgeries: () => Effect.runPromise(Effect.flatMap(engine, askForgeries)),
  differential: (thousands: number, seed: number) =>
    Effect.runPromise(
      Effect.flatMap(
        engine,
        (own) => compare(own, ReferenceCryptoSuite.engine(Randomness.seeded("")), thousands, seed)
      )
    ),
  make: () => Effect.runPromise(make(Effect.map(engine, construct))),
  lost: (golden: Golden) => Effect.runPromise(Effect.flatMap(engine, (own) => lost(golden, construct(own)))),
  deviceKeys: () => Effect.runPromise(deviceKeys)
}

/** The names of what the page can be asked. */
export type Door = keyof typeof doors

Object.assign(globalThis, { vivim: doors })
