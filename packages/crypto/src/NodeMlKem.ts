/**
 * ML-KEM-768 by node:crypto where it has it (Node 24 with OpenSSL 3.5), else by noble. The same bytes come out either way.
 * Key forms: RFC 9935 (the seed as PKCS #8, the public key as SubjectPublicKeyInfo).
 */
import * as Effect from "effect/Effect"
import * as crypto from "node:crypto"
import { type Kem, Refused } from "./Engine.ts"
import { mlKem768 as portable } from "./ReferenceCryptoSuite.ts"

/** What Node 24 adds to node:crypto; the types of Node 20 do not know it. */
interface WithKem {
  readonly encapsulate?: (key: crypto.KeyObject) => { readonly sharedKey: Buffer; readonly ciphertext: Buffer }
  readonly decapsulate?: (key: crypto.KeyObject, ciphertext: Uint8Array) => Buffer
}

const PublicBytes = 1_184
/** The DER of the keys, but for their last 1,184 and 64 bytes. */
const publicHead = Buffer.from("308204b2300b0609608648016503040402038204a100", "hex")
const seedHead = Buffer.from("3054020100300b060960864801650304040204428040", "hex")

const native = ({ decapsulate, encapsulate }: Required<WithKem>): Kem => ({
  keyOf: (seed) =>
    Effect.sync(() => {
      const key = crypto.createPrivateKey({ key: Buffer.concat([seedHead, seed]), format: "der", type: "pkcs8" })
      const spki = crypto.createPublicKey(key).export({ format: "der", type: "spki" })
      return {
        publicKey: new Uint8Array(spki.subarray(publicHead.length)),
        decapsulate: (ciphertext) =>
          Effect.try({ try: () => new Uint8Array(decapsulate(key, ciphertext)), catch: () => new Refused() })
      }
    }),
  encapsulate: (publicKey) =>
    Effect.try({
      try: () => {
        if (publicKey.length !== PublicBytes) throw new Refused()
        const key = Buffer.concat([publicHead, publicKey])
        const made = encapsulate(crypto.createPublicKey({ key, format: "der", type: "spki" }))
        return { ciphertext: new Uint8Array(made.ciphertext), secret: new Uint8Array(made.sharedKey) }
      },
      catch: () => new Refused()
    })
})

/** `given`: encapsulating uses the caller's coins, which the native one does not let us do. */
export const mlKem768 = (coins: "given" | "native"): Kem => {
  const { decapsulate, encapsulate } = crypto as WithKem
  if (decapsulate === undefined || encapsulate === undefined) return portable
  const kem = native({ decapsulate, encapsulate })
  return coins === "native" ? kem : { ...kem, encapsulate: portable.encapsulate }
}
