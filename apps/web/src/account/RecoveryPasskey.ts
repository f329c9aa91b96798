/**
 * The passkey that is an account's way back, as this browser asks for it: made before there is an account, and found before anybody is signed
 * in. The node gives no challenge for it and is told nothing of it: what counts is what follows from its keys.
 */
import type * as Kit from "@vivim/client/account/Kit"
import * as PasskeyKit from "@vivim/client/account/PasskeyKit"
import { bytesEqual } from "@vivim/crypto/Bytes"
import type { Secret } from "@vivim/crypto/CryptoSuite"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import { Refused } from "../node/Calls.ts"
import type { Person } from "./Keys.ts"
import * as PasskeyPrompt from "./PasskeyPrompt.ts"
import { nobody, run } from "./Runtime.ts"

const challenge = (): string => Encoding.encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)))

/** Nobody verifies what it signs: any algorithm does, and these are what authenticators have. */
const algorithms = [-7, -257, -8]

const rpId = (): string => location.hostname

/** What the account is called where passkeys are listed: it stands beside passkeys that sign in to the same account. */
const nameOf = ({ displayName, handle }: Person) => ({
  handle: `${handle} (recovery)`,
  displayName: `${displayName} (recovery)`
})

export interface RecoveryPasskey {
  readonly kit: Kit.NewKit
  /** Its account is opened by this name. */
  readonly rename: (person: Person) => void
  /** Nothing came of its account: where browsers can say so, the authenticator lets it go. */
  readonly discard: () => void
}

/** Browsers that cannot say it leave the passkey as it was; it opens nothing by being there. */
const signal = (saying: () => Promise<void> | undefined): void => void saying()?.catch(() => {})

const discard = (credentialId: string): void =>
  signal(() => PublicKeyCredential.signalUnknownCredential?.({ rpId: rpId(), credentialId }))

const isSame = (one: Secret, two: Secret): boolean => bytesEqual(Redacted.value(one), Redacted.value(two))

/** Has one made, and asks it back at once, as a kit on paper is: what an authenticator gave once it must give again. */
export const make = async (person: Person): Promise<RecoveryPasskey> => {
  const userHandle = await run(nobody, PasskeyKit.newUserHandle)
  const userId = Encoding.encodeBase64Url(userHandle)
  const wanted = { algorithms, challenge: challenge(), known: [], rpId: rpId(), userHandle: userId }
  const { gives, made, prf } = await PasskeyPrompt.create(wanted, nameOf(person), PasskeyKit.prfInput)
  try {
    const again = gives ? await PasskeyPrompt.asked(made, rpId(), PasskeyKit.prfInput) : null
    if (again === null || (prf !== null && !isSame(prf, again))) throw new Refused({ _tag: "PasskeyWithoutKeys" })
    return {
      kit: await run(nobody, PasskeyKit.kitOf(again, userHandle)),
      rename: (now) => {
        const { displayName, handle: name } = nameOf(now)
        signal(() => PublicKeyCredential.signalCurrentUserDetails?.({ rpId: rpId(), userId, name, displayName }))
      },
      discard: () => discard(made.id)
    }
  } catch (error) {
    discard(made.id)
    throw error
  }
}

/** What the user handle of an answer says; passkeys that are found without being named always bring theirs. */
export const userHandleOf = (answer: { readonly response: { readonly userHandle?: string } }): Uint8Array => {
  const read = Encoding.decodeBase64Url(answer.response.userHandle ?? "")
  return read._tag === "Right" ? read.right : new Uint8Array(0)
}

/** The kit that follows from whichever passkey its owner shows. */
export const show = async (): Promise<Kit.NewKit> => {
  const { answer, prf } = await PasskeyPrompt.ask({ challenge: challenge(), rpId: rpId() }, PasskeyKit.prfInput)
  const userHandle = userHandleOf(answer)
  if (!PasskeyKit.isUserHandle(userHandle)) throw new Refused({ _tag: "PasskeyNotForRecovery" })
  if (prf === null) throw new Refused({ _tag: "PasskeyWithoutKeys" })
  return await run(nobody, PasskeyKit.kitOf(prf, userHandle))
}
