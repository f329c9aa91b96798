/** The laws of a client's session, against doors that answer as they are told. */
import { NodeSession } from "@vivim/client/NodeSession"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import { signed } from "@vivim/contract/SignIn"
import { DeviceId, Did, DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { assert, it } from "vitest"

interface Heard {
  readonly path: string
  readonly body: any
  readonly dpop: string | undefined
}

/** A node's doors: challenges name another's origin, refreshing is answered as `refreshing` says, and one handle is taken. */
const doors = (refreshing: () => number, expiresInMs: number) =>
  Effect.acquireRelease(
    Effect.async<{ readonly origin: string; readonly heard: Array<Heard>; readonly end: () => void }>((resume) => {
      const heard: Array<Heard> = []
      let number = 0
      const tokens = () => ({
        sessionId: "A".repeat(22),
        userId: "did:key:zAda",
        handle: "ada",
        accessToken: `access ${++number}`,
        expiresInMs,
        refreshToken: `refresh ${number}`
      })
      const server = http.createServer((request, response) => {
        let text = ""
        request.on("data", (chunk) => text += chunk).on("end", () => {
          const path = request.url!.replace("/api/v1", "")
          heard.push({ path, body: JSON.parse(text), dpop: request.headers["dpop"] as string | undefined })
          const isTaken = path === "/sign-up" && JSON.parse(text).handle === "taken"
          const status = isTaken ? 409 : path === "/sign-in/refresh" ? refreshing() : 200
          const body = path === "/sign-in/challenge"
            ? { nonce: "n".repeat(64), origin: "https://evil.example", expiresAt: 1 }
            : isTaken
            ? { _tag: "HandleTaken", message: "it is taken" }
            : tokens()
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
        })
      }).listen(0, "127.0.0.1", () => {
        const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        resume(Effect.succeed({ origin, heard, end: () => server.close() }))
      })
    }),
    ({ end }) => Effect.sync(end)
  )

const messages: Array<string> = []
const signer = {
  userId: Did.make("did:key:zAda"),
  deviceId: DeviceId.make("phone"),
  sign: (bytes: Uint8Array) =>
    Effect.sync(() => {
      messages.push(Buffer.from(bytes).toString("hex"))
      return new Uint8Array(64)
    })
}

const run = <A>(
  refreshing: () => number,
  expiresInMs: number,
  work: (heard: Array<Heard>, origin: string) => Effect.Effect<A, unknown, NodeSession | SessionKeeper>
) =>
  Effect.flatMap(doors(refreshing, expiresInMs), ({ heard, origin }) =>
    work(heard, origin).pipe(
      Effect.provide(Layer.provideMerge(NodeSession.layer(origin), SessionKeeper.layerMemory))
    )).pipe(Effect.scoped, Effect.runPromise)

it("J1 it signs for the origin it is connected to, whatever the node names", () =>
  run(() => 200, 600_000, (heard, origin) =>
    Effect.gen(function*() {
      yield* (yield* NodeSession).signIn(signer)
      const answer = heard.find(({ path }) => path === "/sign-in/token")!
      assert.strictEqual(answer.body.origin, origin)
      assert.strictEqual(messages.at(-1), Buffer.from(signed(answer.body)).toString("hex"))
      assert.isDefined(answer.dpop)
    })))

it("J2 it refreshes once, however many ask, and asks again for an answer that was lost", () => {
  const answers = [503, 200]
  return run(() => answers.shift() ?? 200, 1, (heard) =>
    Effect.gen(function*() {
      const session = yield* NodeSession
      yield* session.signIn(signer)
      const refreshes = () => heard.filter(({ path }) => path === "/sign-in/refresh")
      yield* Effect.repeat(session.current, { until: () => refreshes().length >= 2 })
      assert.strictEqual(refreshes()[0]!.body.refreshToken, refreshes()[1]!.body.refreshToken)
      const before = refreshes().length
      assert.notStrictEqual(refreshes()[0]!.dpop, refreshes()[1]!.dpop, "each with a proof of its own")
      yield* Effect.all(Array.from({ length: 3 }, () => session.current), { concurrency: "unbounded" })
      const shown = refreshes().slice(before).map(({ body }) => body.refreshToken)
      assert.strictEqual(new Set(shown).size, shown.length, "no token is shown twice")
    }))
})

it("J3 it forgets a session that is over, and says so", () =>
  run(() => 401, 1, () =>
    Effect.gen(function*() {
      const session = yield* NodeSession
      yield* session.signIn(signer)
      const refusal = yield* Effect.flip(Effect.repeat(session.current, { until: () => false }))
      assert.strictEqual(refusal._tag, "NotSignedIn")
      assert.isNull(yield* (yield* SessionKeeper).load)
      assert.deepStrictEqual(yield* session.headers({ method: "GET", url: "http://node/" }), [])
    })))

it("J3 it does not pass a session off as none that cannot be refreshed just now", () =>
  run(() => 503, 1, () =>
    Effect.gen(function*() {
      const session = yield* NodeSession
      const { sessionId } = yield* session.signIn(signer)
      const refusal = yield* Effect.flip(Effect.repeat(session.headers({ method: "GET", url: "http://node/" }), {
        until: () => false
      }))
      assert.strictEqual(refusal._tag, "Unavailable")
      assert.strictEqual((yield* (yield* SessionKeeper).load)?.sessionId, sessionId)
    })))

it("J4 it opens an account with its first session, and says why a node does not", () =>
  run(() => 200, 600_000, (heard, origin) =>
    Effect.gen(function*() {
      const session = yield* NodeSession
      const genesis = { operation: Uint8Array.of(1, 2), kemKeys: [] }
      const opening = { displayName: DisplayName.make("Ada"), genesis, invitation: Redacted.make("come in") }
      const refusal = yield* Effect.flip(session.signUp(signer, { ...opening, handle: Handle.make("taken") }))
      assert.deepInclude(refusal, { _tag: "NodeRefused", refusal: "HandleTaken", reason: "it is taken" })
      assert.strictEqual((yield* Effect.flip(session.current))._tag, "NotSignedIn")
      yield* session.signUp(signer, { ...opening, handle: Handle.make("ada") })
      assert.strictEqual((yield* session.current).handle, "ada")
      const challenges = heard.filter(({ path }) => path === "/sign-in/challenge").map(({ body }) => body.purpose)
      assert.deepStrictEqual(challenges, ["sign-up", "sign-up"])
      const { body, dpop } = heard.at(-1)!
      assert.isDefined(dpop)
      assert.strictEqual(body.answer.origin, origin)
      assert.deepInclude(body, {
        handle: "ada",
        displayName: "Ada",
        genesis: { operation: "AQI", kemKeys: [] },
        invitation: "come in"
      })
    })))
