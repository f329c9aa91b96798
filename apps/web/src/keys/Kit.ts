/** Recovery kits: made, printed, read, and what they are good for. */
import { CryptoSuite, type Secret, type Signer } from "@vivim/crypto/CryptoSuite"
import * as RecoveryKit from "@vivim/crypto/RecoveryKit"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { Refused } from "../node/Calls.ts"
import { run } from "./Suite.ts"

export interface Kit {
  /** Signs the one operation that takes the account back. */
  readonly signer: Signer
  /** What the master key is sealed under for it. */
  readonly wrapKey: Secret
}

const of = async (secret: Secret): Promise<Kit> => {
  const { rotationSeed, wrapKey } = await run(RecoveryKit.keysOf(secret))
  return { signer: await run(Effect.flatMap(CryptoSuite, (suite) => suite.signerOf(rotationSeed))), wrapKey }
}

/** A new kit, with the groups to be printed. */
export const make = async (): Promise<Kit & { readonly groups: ReadonlyArray<string> }> => {
  const secret = Redacted.make(await run(Effect.flatMap(CryptoSuite, ({ randomBytes }) => randomBytes(32))))
  const printed = Either.getOrThrow(RecoveryKit.print(secret))
  return { ...await of(secret), groups: Redacted.value(printed).split("-") }
}

/** The kit that was typed; where it is mistyped, the refusal says in which group. */
export const read = async (typed: string): Promise<Kit> => {
  const secret = RecoveryKit.read(Redacted.make(typed))
  if (Either.isLeft(secret)) {
    const { _tag, group, message } = secret.left
    throw new Refused({ _tag, group, message })
  }
  return await of(secret.right)
}
