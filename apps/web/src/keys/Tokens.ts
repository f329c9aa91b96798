/**
 * The session of this browser: opened by the device's signature, carried on by the client library with tokens that are bound to a key of
 * this browser. All tabs share it, for it lies beside the keys.
 */
import type { NodeRefused } from "@vivim/client/NodeRefused"
import { NodeSession, type Opening } from "@vivim/client/NodeSession"
import { type KeptSession, SessionKeeper } from "@vivim/client/SessionKeeper"
import type { Answer } from "@vivim/contract/SignIn"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { type Refusal, Refused } from "../node/Calls.ts"
import type { Device } from "./DeviceKeys.ts"
import * as KeyStore from "./KeyStore.ts"
import * as Rest from "./Rest.ts"

const load = Effect.promise(() => KeyStore.read().then((kept) => kept?.session ?? null))
const save = (session: KeptSession | null) => Effect.promise(() => KeyStore.change((kept) => ({ ...kept, session })))

const runtime = ManagedRuntime.make(
  NodeSession.layer(location.origin).pipe(Layer.provide(Layer.succeed(SessionKeeper, { load, save })))
)

/** The session, for whoever speaks to the node in another way than this page does. */
export const nodeSession = (): Promise<NodeSession["Type"]> => runtime.runPromise(NodeSession)

/** What the library refuses or waits for in vain, as screens know it. */
const refusalOf = (error: NodeRefused | { readonly _tag: "NotSignedIn" | "Unavailable" }): Refusal =>
  error._tag === "NodeRefused"
    ? { _tag: error.refusal, ...error.reason === "" ? {} : { message: error.reason } }
    : { _tag: error._tag === "Unavailable" ? "NodeAway" : error._tag }

const within = async <A>(
  work: (session: NodeSession["Type"]) => Effect.Effect<A, Parameters<typeof refusalOf>[0]>
): Promise<A> => {
  const outcome = await runtime.runPromise(Effect.either(Effect.flatMap(NodeSession, work)))
  if (outcome._tag === "Right") return outcome.right
  throw new Refused(refusalOf(outcome.left))
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

/** Opens an account, and with it its first session. */
export const signUp = (who: Who, opening: Opening): Promise<void> =>
  within((session) => session.signUp(signerOf(who), opening))
