/** Devices of people on a node in memory (`NodeExample.ts`) whose clock is in hand: how a test begins a life of accounts. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { NodeSession } from "../NodeSession.ts"
import * as Account from "./Account.ts"
import * as Approval from "./Approval.ts"
import { KeyStore } from "./KeyStore.ts"
import * as NodeExample from "./NodeExample.ts"

export const origin = "https://node.example"
export const name = (text: string) => DisplayName.make(text)
export const wanted = { handle: Handle.make("ada"), displayName: name("Ada") }
export const hour = 3_600_000

type Needs = CryptoSuite | KeyStore | HttpClient.HttpClient | NodeSession

const built = <A>(layer: Layer.Layer<A>) => Effect.runSync(Effect.scoped(Layer.build(layer)))
const suite = built(ReferenceCryptoSuite.layer)

export const life = <A, E>(
  live: (
    world: ReturnType<typeof NodeExample.make> & {
      readonly device: () => <B, F>(work: Effect.Effect<B, F, Needs>) => Effect.Effect<B, F>
    }
  ) => Effect.Effect<A, E>
) => {
  const world = NodeExample.make()
  const device = () => {
    const store = built(KeyStore.layerMemory)
    return <B, F>(work: Effect.Effect<B, F, Needs>): Effect.Effect<B, F> =>
      work.pipe(
        Effect.provide(Context.merge(suite, store)),
        Effect.provideService(HttpClient.HttpClient, world.client),
        Effect.provideService(NodeSession, world.session)
      )
  }
  const begin = Effect.zipRight(TestClock.setTime(1_000 * hour), live({ ...world, device }))
  const inHand = Effect.flatMap(Layer.build(TestContext.TestContext), (clock) => Effect.provide(begin, clock))
  return Effect.runPromise(Effect.scoped(inHand))
}

export const secret = (key: Redacted.Redacted<Uint8Array>) => Encoding.encodeHex(Redacted.value(key))

/** Ada with a phone and a laptop. */
export const two = (world: Parameters<Parameters<typeof life>[0]>[0]) =>
  Effect.gen(function*() {
    const [phone, laptop] = [world.device(), world.device()]
    const created = yield* phone(Account.create(wanted))
    yield* phone(Account.secure(world.calls, created, name("Phone")))
    const { code } = yield* laptop(Approval.request(origin, created.did))
    yield* phone(Approval.approve(world.calls, code, name("Laptop")))
    yield* laptop(Approval.join())
    return { phone, laptop, created }
  })
