/**
 * The browser's own question for a passkey: to make one, to sign in with one, to show one. What a passkey's PRF gives stays in this page: of an
 * answer, only what the node looks at is passed on.
 */
import { prfInput } from "@vivim/client/account/PasskeyDevice"
import type { PasskeyAnswer, PasskeyChallenge, PasskeyMade, PasskeyWanted } from "@vivim/contract/Passkeys"
import type { Secret } from "@vivim/crypto/CryptoSuite"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import { Refused } from "../node/Calls.ts"

/** How long people may take; a challenge of the node lasts no longer. */
const patienceMs = 60_000

const text = (bytes: ArrayBuffer): string => Encoding.encodeBase64Url(new Uint8Array(bytes))
const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Either.getOrThrow(Encoding.decodeBase64Url(text)))

/** Keys are made of an input: of another, others. */
const prfOf = (input: Uint8Array) => ({ prf: { eval: { first: new Uint8Array(input) } } })

/** What a passkey's PRF gave; null where it gave nothing. */
const givenBy = (credential: PublicKeyCredential): Secret | null => {
  const first = credential.getClientExtensionResults().prf?.results?.first
  return first === undefined ? null : Redacted.make(new Uint8Array(first as ArrayBuffer))
}

/** Browsers tell those who gave up and those who have no passkey here apart from nobody. */
const tagOf = (error: unknown): string => {
  if (!(error instanceof DOMException)) return "Mistake"
  return error.name === "InvalidStateError" ? "PasskeyThere" : "PasskeyNotGiven"
}

const given = async (asking: Promise<Credential | null>): Promise<PublicKeyCredential> => {
  const credential = await asking.catch((error: unknown) => {
    throw new Refused({ _tag: tagOf(error) })
  })
  if (credential === null) throw new Refused({ _tag: "PasskeyNotGiven" })
  return credential as PublicKeyCredential
}

interface Asked extends Pick<PasskeyChallenge, "challenge" | "rpId"> {
  /** The one that is to answer; else any for this page. */
  readonly only?: string
}

const get = ({ challenge, only, rpId }: Asked, extensions: AuthenticationExtensionsClientInputs) =>
  given(navigator.credentials.get({
    publicKey: {
      challenge: bytes(challenge),
      rpId,
      timeout: patienceMs,
      userVerification: "required",
      ...only === undefined ? {} : { allowCredentials: [{ type: "public-key", id: bytes(only) }] },
      extensions
    }
  }))

const answerOf = ({ id, response }: PublicKeyCredential): PasskeyAnswer => {
  const { authenticatorData, clientDataJSON, signature, userHandle } = response as AuthenticatorAssertionResponse
  return {
    id,
    response: {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      ...userHandle === null ? {} : { userHandle: text(userHandle) }
    }
  }
}

/** Any passkey for this page, if not `only` one, and what its PRF gave. */
export const ask = async (
  asked: Asked,
  input: Uint8Array = prfInput
): Promise<{ readonly answer: PasskeyAnswer; readonly prf: Secret | null }> => {
  const credential = await get(asked, prfOf(input))
  return { answer: answerOf(credential), prf: givenBy(credential) }
}

/** The same, for who only shows again who they are. */
export const show = async (asked: PasskeyChallenge): Promise<PasskeyAnswer> => answerOf(await get(asked, {}))

/** What some authenticators give only to who asks the passkey once it is made: the answer itself is thrown away. */
export const asked = ({ id }: PasskeyMade, rpId: string, input: Uint8Array): Promise<Secret | null> =>
  ask({ challenge: text(crypto.getRandomValues(new Uint8Array(32)).buffer), rpId, only: id }, input)
    .then(({ prf }) => prf)

interface Whose {
  readonly handle: string
  readonly displayName: string
}

interface Made {
  readonly made: PasskeyMade
  /** What it gave as it was made. */
  readonly prf: Secret | null
  /** Whether it gives keys at all. */
  readonly gives: boolean
}

/** Has a passkey made. */
export const create = async (
  { algorithms, challenge, known, rpId, userHandle }: Omit<PasskeyWanted, "expiresAt">,
  { displayName, handle }: Whose,
  input: Uint8Array
): Promise<Made> => {
  const credential = await given(navigator.credentials.create({
    publicKey: {
      rp: { id: rpId, name: "VIVIM" },
      user: { id: bytes(userHandle), name: handle, displayName },
      challenge: bytes(challenge),
      pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key", alg })),
      timeout: patienceMs,
      excludeCredentials: known.map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      extensions: prfOf(input)
    }
  }))
  const { attestationObject, clientDataJSON, getTransports } = credential.response as AuthenticatorAttestationResponse
  const transports = getTransports?.call(credential.response)
  const response = {
    clientDataJSON: text(clientDataJSON),
    attestationObject: text(attestationObject),
    ...transports === undefined ? {} : { transports }
  }
  const prf = givenBy(credential)
  const gives = prf !== null || credential.getClientExtensionResults().prf?.enabled === true
  return { made: { id: credential.id, response }, prf, gives }
}

/** Has one made that signs in; `prf` is null where its authenticator gives no keys. */
export const make = async (
  wanted: PasskeyWanted,
  whose: Whose
): Promise<{ readonly made: PasskeyMade; readonly prf: Secret | null }> => {
  const { gives, made, prf } = await create(wanted, whose, prfInput)
  return { made, prf: gives ? prf ?? await asked(made, wanted.rpId, prfInput).catch(() => null) : null }
}
