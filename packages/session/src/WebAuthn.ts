/**
 * What an authenticator answers, looked at: by a library, and where that is more forgiving than we are, before it.
 *
 * W2  A passkey is taken on, and answers, for its own page and site alone, once its user was verified: by fingerprint, face or PIN.
 * W3  Who made an authenticator is not asked, and what it says about it is not followed: no certificate leads the node anywhere.
 */
import type { PasskeyAnswer, PasskeyMade } from "@vivim/contract/Passkeys"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as net from "node:net"
import type { Passkey } from "./PasskeyRecord.ts"

/** The library, read when the first passkey comes: with all it knows of certificates it is 25 MB, and many nodes see none. */
const library = () => import("@simplewebauthn/server")
const helpers = () => import("@simplewebauthn/server/helpers")

/** Ed25519, ECDSA on P-256, RSA: what authenticators have (RFC 9053, RFC 8812). */
export const algorithms: ReadonlyArray<number> = [-8, -7, -257]

/** The relying party of an origin: its host, which must be a name. Null for an address, which WebAuthn knows no passkeys for. */
export const rpIdOf = (origin: string): string | null => {
  const { hostname } = new URL(origin)
  return net.isIP(hostname.replaceAll(/[[\]]/g, "")) === 0 ? hostname : null
}

/** What the browser says it was asked, and on which page: signed along. */
const Client = Schema.parseJson(Schema.Struct({
  challenge: Schema.String,
  origin: Schema.String,
  /** True in a frame of another site, where nobody sees whose page it is. */
  crossOrigin: Schema.optional(Schema.Boolean)
}))
const readClient = Schema.decodeUnknownOption(Client)

/** Null where it is none, or was said in a frame of another site. */
export const clientOf = ({ response }: PasskeyAnswer | PasskeyMade): typeof Client.Type | null => {
  const read = readClient(Buffer.from(response.clientDataJSON, "base64url").toString())
  return read._tag === "Some" && read.value.crossOrigin !== true ? read.value : null
}

/** Where an answer is to have been given. */
interface Place {
  readonly challenge: string
  readonly origin: string
  readonly rpId: string
}

const expected = ({ challenge, origin, rpId }: Place) => ({
  expectedChallenge: challenge,
  expectedOrigin: origin,
  expectedRPID: rpId,
  requireUserVerification: true
})

/** The same authenticator, saying nothing of who made it: what is asked for, and what browsers mostly answer. */
const unattested = (attestationObject: string): Promise<string> =>
  helpers().then(({ decodeAttestationObject, isoCBOR }) => {
    const authData = decodeAttestationObject(Buffer.from(attestationObject, "base64url")).get("authData")
    const said = new Map<string, any>([["fmt", "none"], ["attStmt", new Map()], ["authData", authData]])
    return Buffer.from(isoCBOR.encode(said)).toString("base64url")
  })

/** The library throws whatever is wrong: here it is all one. */
const orNull = <A>(work: () => Promise<A | null>): Effect.Effect<A | null> =>
  Effect.orElseSucceed(Effect.tryPromise(work), () => null)

/** As the library wants it. What extensions gave is not sent. */
const whole = <A>(id: string, response: A) => ({
  id,
  rawId: id,
  type: "public-key" as const,
  response,
  clientExtensionResults: {}
})

/** The passkey that was made, and its counter as it is made; null for one that is none. */
export const made = ({ id, response }: PasskeyMade, place: Place) =>
  orNull(() => {
    const { attestationObject, clientDataJSON, transports = [] } = response
    return Promise.all([library(), unattested(attestationObject)]).then(([library, attestationObject]) =>
      library.verifyRegistrationResponse({
        ...expected(place),
        response: whole(id, { clientDataJSON, attestationObject }),
        supportedAlgorithmIDs: [...algorithms]
      })
    ).then(({ registrationInfo }) => {
      const credential = registrationInfo?.credential
      if (credential?.id !== id) return null
      return { id, publicKey: credential.publicKey, counter: credential.counter, transports, rpId: place.rpId }
    })
  })

/** The counter of an answer this passkey gave; null for an answer that is none. Whether the counter went on is for who keeps it. */
export const counterOf = ({ id, response }: PasskeyAnswer, passkey: Passkey, place: Place) =>
  orNull(() => {
    const { authenticatorData, clientDataJSON, signature } = response
    return library().then(({ verifyAuthenticationResponse }) =>
      verifyAuthenticationResponse({
        ...expected(place),
        response: whole(id, { authenticatorData, clientDataJSON, signature }),
        credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 }
      })
    ).then(({ authenticationInfo, verified }) => verified ? authenticationInfo.newCounter : null)
  })
