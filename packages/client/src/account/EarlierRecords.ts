/**
 * Records of accounts as the web client kept them before it used this library (2026): one device's secrets as JSON in base64url, sealed under the
 * record's key. They lie in the same place, and are written anew when they are first read.
 *
 * D1  A record that is written anew holds every key it held, its session, and what the node had not been given yet.
 */
import { SuiteV1 } from "@vivim/crypto/CryptoSuite"
import type { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import type { KeptSession } from "../SessionKeeper.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import { type Record, seal, type SealingKey } from "./SealedRecord.ts"

interface Earlier {
  /** The key that signs, where the platform has such; else its seed is among the secrets. */
  readonly signing: object | null
  readonly sealing: SealingKey
  readonly sealed: { readonly iv: Uint8Array<ArrayBuffer>; readonly bytes: ArrayBuffer }
  /** The first master key sealed to the kit, until the node keeps it. */
  readonly kitWrap: string | null
  readonly session: KeptSession | null
}

interface Secrets {
  readonly signing: string | null
  readonly rotation: string
  readonly kem: string
  /** The first master key, until the node keeps it sealed to the device. */
  readonly master: string | null
}

export const is = (raw: unknown): raw is Earlier => typeof raw === "object" && raw !== null && !("form" in raw)

const bytes = (text: string) => Effect.runSync(Encoding.decodeBase64Url(text))
const secret = (text: string) => Redacted.make(bytes(text))

const keysOf = (account: string, earlier: Earlier, { kem, master, rotation, signing }: Secrets) =>
  DeviceKeys.encode({
    v: SuiteV1,
    did: account as Did,
    // It was kept by the page of the node the account is on.
    origin: (globalThis as unknown as { readonly location: { readonly origin: string } }).location.origin,
    held: null,
    signing: signing === null ? null : secret(signing),
    kem: secret(kem),
    rotation: secret(rotation),
    kit: null,
    kitSince: 0,
    kitWrap: earlier.kitWrap === null ? null : bytes(earlier.kitWrap),
    nextKit: null,
    masterKeys: master === null ? [] : [{ generation: 1, key: secret(master), at: null }]
  })

/** The same keys, under the same key, in the present form. */
export const convert = (account: string, earlier: Earlier): Promise<Record> => {
  const { sealed, sealing } = earlier
  return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, sealing, sealed.bytes)
    .then((plain) => JSON.parse(new TextDecoder().decode(plain)) as Secrets)
    .then((secrets) => seal(sealing, DeviceKeys.name, Redacted.value(keysOf(account, earlier, secrets))))
    .then((device) => ({
      form: 2,
      sealing,
      secrets: { [DeviceKeys.name]: device },
      held: earlier.signing === null ? {} : { [DeviceKeys.name]: earlier.signing },
      session: earlier.session
    }))
}
