/**
 * The one door private bytes pass on their way to and from disk: events, snapshots, blobs alike.
 *
 * P1  What is sealed for a subject opens to the same bytes, and only with the same subject and context.
 * P2  Altered bytes do not open.
 * P3  Sealing the same bytes twice gives different bytes.
 * P4  A content address tells nothing about the content to who has no key, and is the same for the same content and owner.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomBytes } from "node:crypto"
import type { Cipher } from "./Cipher.ts"
import { fromMasterKey } from "./MasterKeyCipher.ts"

export class PayloadCipher extends Context.Tag("@vivim/crypto/PayloadCipher")<PayloadCipher, Cipher>() {
  /** A key that lives as long as the process. */
  static readonly layerMemory: Layer.Layer<PayloadCipher> = Layer.effect(
    PayloadCipher,
    Effect.sync(() => fromMasterKey(randomBytes(32)))
  )
}
