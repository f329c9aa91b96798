/**
 * Passkeys (WebAuthn, level 3): what the node asks an authenticator for, and what a browser brings back of it. Who has no session knocks at
 * `POST /api/v1/sign-in/passkey/challenge` and, with a `DPoP` proof, at `/sign-in/passkey`, which answers `Tokens`.
 */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { DeviceId, DisplayName, Millis } from "@vivim/event-schemas/ids"
import { SessionId } from "@vivim/event-schemas/session/Means"
import * as Schema from "effect/Schema"
import { query } from "./Call.ts"
import { NotAllowed, NotSignedIn } from "./Refusal.ts"

const Base64Url = (max: number) =>
  Schema.String.pipe(
    Schema.pattern(new RegExp(`^[A-Za-z0-9_-]{1,${max}}$`)),
    Schema.annotations({ arbitrary: () => (fc: any) => fc.constantFrom("A", "AAAA") })
  )

/** Where the browser is; its host, if it is a name, is the relying party. */
const Origin = Schema.String.pipe(Schema.maxLength(512))

/** The id an authenticator gave a passkey: at most 1,023 bytes. */
export const CredentialId = Base64Url(1_364)

/** What a passkey is asked for: to open a session, or to confirm one. */
export const PasskeyPurpose = Schema.Literal("sign-in", "step-up")
export type PasskeyPurpose = typeof PasskeyPurpose.Type

export const PasskeyAsked = Schema.Struct({
  origin: Origin,
  purpose: PasskeyPurpose,
  /** To step up: the session that is to be confirmed. */
  sessionId: Schema.optional(SessionId)
})
export type PasskeyAsked = typeof PasskeyAsked.Type

/** Good once, until `expiresAt`, on pages of the origin it was asked for. */
const Challenge = { challenge: Base64Url(128), rpId: Schema.String, expiresAt: Millis }

export const PasskeyChallenge = Schema.Struct(Challenge)
export type PasskeyChallenge = typeof PasskeyChallenge.Type

/** `AuthenticationResponseJSON` of WebAuthn, as far as the node looks at it. What an extension gave never leaves the browser. */
export const PasskeyAnswer = Schema.Struct({
  id: CredentialId,
  response: Schema.Struct({
    clientDataJSON: Base64Url(4_096),
    authenticatorData: Base64Url(2_048),
    signature: Base64Url(2_048),
    userHandle: Schema.optionalWith(Base64Url(128), { exact: true })
  })
})
export type PasskeyAnswer = typeof PasskeyAnswer.Type

/** `RegistrationResponseJSON` of WebAuthn, as far as the node looks at it. */
export const PasskeyMade = Schema.Struct({
  id: CredentialId,
  response: Schema.Struct({
    clientDataJSON: Base64Url(4_096),
    attestationObject: Base64Url(8_192),
    transports: Schema.optionalWith(Schema.Array(Schema.String.pipe(Schema.maxLength(32))).pipe(Schema.maxItems(16)), {
      exact: true
    })
  })
})
export type PasskeyMade = typeof PasskeyMade.Type

/** What an authenticator is to make a passkey for. */
export const PasskeyWanted = Schema.Struct({
  ...Challenge,
  /** Tells nobody whose it is. */
  userHandle: Base64Url(86),
  /** Algorithms the node verifies, by their COSE numbers, what it likes best first. */
  algorithms: Schema.Array(Schema.Int),
  /** Passkeys the account has: one authenticator need not make two. */
  known: Schema.Array(CredentialId)
})
export type PasskeyWanted = typeof PasskeyWanted.Type

const stepUp = { role: "user", stepUp: true } as const

export class PasskeyDoors extends RpcGroup.make(
  query("BeginPasskey", "POST /account/passkeys/challenge", "What an authenticator is to make a passkey for", {
    payload: { origin: Origin },
    success: PasskeyWanted,
    refusals: NotAllowed,
    needs: { ...stepUp, bucket: "challenge" }
  }),
  query(
    "AddPasskey",
    "POST /account/passkeys",
    "Let a passkey open sessions; answers recovery codes if it is the first",
    {
      payload: {
        name: DisplayName,
        made: PasskeyMade,
        /** The device of the account whose keys this passkey gives to a browser that has none. */
        device: Schema.optional(DeviceId)
      },
      success: Schema.Struct({ meansId: Schema.String, recoveryCodes: Schema.Array(Schema.String) }),
      refusals: Schema.Union(NotAllowed, NotSignedIn),
      needs: { ...stepUp, bucket: "token" }
    }
  )
) {}
