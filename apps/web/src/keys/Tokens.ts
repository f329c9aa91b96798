/**
 * The session of this browser: opened by the device's signature, carried on by the client library with tokens that are bound to a key of
 * this browser. All tabs share it, for it lies beside the keys.
 */
import { NodeSession } from "@vivim/client/NodeSession"
import { type KeptSession, SessionKeeper } from "@vivim/client/SessionKeeper"
import { type Answer, type Challenge, signed, type Tokens } from "@vivim/contract/SignIn"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { Refused } from "../node/Calls.ts"
import type { Device } from "./DeviceKeys.ts"
import * as KeyStore from "./KeyStore.ts"
import * as Rest from "./Rest.ts"
import { base64url, run } from "./Suite.ts"

const load = Effect.promise(() => KeyStore.read().then((kept) => kept?.session ?? null))
const save = (session: KeptSession | null) => Effect.promise(() => KeyStore.change((kept) => ({ ...kept, session })))

const runtime = ManagedRuntime.make(
  NodeSession.layer(location.origin).pipe(Layer.provide(Layer.succeed(SessionKeeper, { load, save })))
)

/** The session, for whoever speaks to the node in another way than this page does. */
export const nodeSession = (): Promise<NodeSession["Type"]> => runtime.runPromise(NodeSession)

/** What the library refuses or waits for in vain, as screens know it. */
const within = async <A>(
  work: (session: NodeSession["Type"]) => Effect.Effect<A, { readonly _tag: string }>
): Promise<A> => {
  const outcome = await runtime.runPromise(Effect.either(Effect.flatMap(NodeSession, work)))
  if (outcome._tag === "Right") return outcome.right
  throw new Refused({ _tag: outcome.left._tag === "Unavailable" ? "NodeAway" : outcome.left._tag })
}

interface Who {
  readonly userId: string
  readonly device: Pick<Device, "deviceId" | "signer">
}

const signerOf = ({ device, userId }: Who) => ({
  userId: userId as Answer["userId"],
  deviceId: device.deviceId as Answer["deviceId"],
  sign: device.signer.sign
})

export const signIn = (who: Who): Promise<KeptSession> => within((session) => session.signIn(signerOf(who)))

/** What `StepUp` wants of a device. */
export const confirm = (who: Who): Promise<Answer> => within((session) => session.confirm(signerOf(who)))

export const forget = (): Promise<void> => within((session) => session.forget)

/** The headers of a request to the node: the token, and a proof for this very request. */
export const authorize: Rest.Authorize = async (method, url) =>
  Object.fromEntries(await within((session) => session.headers({ method, url })))

const nobody: Rest.Authorize = () => Promise.resolve({})

/** A device's answer to a challenge, for the very place one is at, whatever place the node names. */
const answerToSignUp = async ({ device: { deviceId, signer }, userId }: Who): Promise<Answer> => {
  const { expiresAt, nonce } = await Rest.ask<Challenge>({
    method: "POST",
    path: "/sign-in/challenge",
    body: { userId, deviceId, purpose: "sign-up" }
  }, nobody)
  const unsigned = { userId, deviceId, nonce, expiresAt, origin: location.origin } as Omit<Answer, "signature">
  return { ...unsigned, signature: base64url(await run(signer.sign(signed(unsigned)))) }
}

/** Opens an account, and with it its first session. */
export const signUp = async (who: Who, body: object): Promise<void> => {
  const keys = await KeyStore.newProving()
  const { expiresInMs, ...tokens } = await Rest.ask<Tokens>(
    { method: "POST", path: "/sign-up", body: { answer: await answerToSignUp(who), ...body } },
    async (method, url) => ({ dpop: await Rest.proof(keys, method, url) })
  )
  await Effect.runPromise(save({ ...tokens, keys, expiresAt: Date.now() + expiresInMs }))
}
