/** The laws of who may do what at a node: roles, states, step-up, and what a session carries over an open socket. */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { NodeSession } from "@vivim/client/NodeSession"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import { VivimClient } from "@vivim/client/VivimClient"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { of as originsOf } from "@vivim/node/Origins"
import { stepOf } from "@vivim/session/Totp"
import { verificationLevel } from "@vivim/standing/Trust"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as OTPAuth from "otpauth"
import { assert, beforeAll, describe, it } from "vitest"
import { call, type NodeProcess, until } from "../e2e/NodeProcess.ts"
import { people, type User } from "./JoinedUser.ts"
import { answerTo, ask, challenge, type Device, withProof } from "./SigningClient.ts"

/** A client's session and calls, as an application has them, on a key in its hand. */
const client = (node: NodeProcess, device: Device) => {
  const signer = {
    userId: device.userId,
    deviceId: device.deviceId,
    sign: (bytes: Uint8Array) => Effect.succeed(new Uint8Array(Buffer.from(device.sign(bytes), "base64url")))
  }
  const session = NodeSession.layer(node.origin).pipe(Layer.provide(SessionKeeper.layerMemory))
  const calls = Layer.unwrapEffect(
    Effect.map(
      NodeSession,
      (session) =>
        VivimClient.layer({ url: `${node.origin.replace("http", "ws")}/rpc`, session, patience: "5 seconds" })
    )
  ).pipe(Layer.provide(NodeSocket.layerWebSocketConstructor))
  return { signer, layer: Layer.provideMerge(calls, session) }
}

const segment = encodeURIComponent

/** `nodeOf` answers the node, once it runs: it lets everybody sign up, and knocks are not counted in small numbers. */
export const accessLaws = (nodeOf: () => NodeProcess) =>
  describe("access", () => {
    let node: NodeProcess
    const { join, says } = people(nodeOf)
    const grant = (userId: string, role: string) =>
      call(node, "POST", `/users/${segment(userId)}/roles`, { role, reason: "for the test" })
    const standing = (user: User) => async () => (await says(user, "GET", "/account/standing")).body
    beforeAll(() => {
      node = nodeOf()
      assert.include(
        originsOf({ host: "127.0.0.1", port: Number(new URL(node.origin).port), publicOrigin: "" }),
        node.origin
      )
    })

    it("G2 roles are granted by an admin alone, and count at once: no user makes themselves one", async () => {
      const [dee, eve] = [await join("dee"), await join("eve")]
      const promote = (by: User, whom: User, role: string) =>
        says(by, "POST", `/users/${segment(whom.userId)}/roles`, { role, reason: "please" })
      assert.strictEqual((await promote(eve, eve, "admin")).status, 403)
      assert.strictEqual((await says(dee, "GET", "/standings")).status, 403)
      assert.strictEqual((await grant(dee.userId, "moderator")).status, 200)
      await until(async () => (await says(dee, "GET", "/standings")).status, (status) =>
        status === 200, "a moderator sees")
      assert.strictEqual((await promote(dee, dee, "admin")).status, 403, "a moderator grants nothing")
      assert.strictEqual((await says(dee, "GET", "/node")).status, 403, "nor runs the node")
      assert.strictEqual((await grant(dee.userId, "operator")).status, 200)
      await until(async () =>
        (await says(dee, "GET", "/node")).status, (status) =>
        status === 200, "an operator does")
      assert.strictEqual(
        (await says(dee, "DELETE", `/users/${segment(dee.userId)}`, {})).status,
        403,
        "not with a role"
      )
    })

    it("G2 a suspended account sees itself and may leave, and nothing else; it comes back", async () => {
      const [mod, fay] = [await join("mod"), await join("fay")]
      await grant(mod.userId, "moderator")
      const suspend = (by: User, whom: User) =>
        says(by, "POST", `/users/${segment(whom.userId)}/suspension`, { until: null, reason: "spam" })
      await until(async () => (await suspend(mod, fay)).status, (status) => status === 200, "a moderator suspends")
      const refused = await until(() => says(fay, "GET", "/circles"), ({ status }) => status === 403, "she rests")
      assert.deepStrictEqual(refused.body, { _tag: "AccountNotActive", state: "suspended", until: null })
      assert.strictEqual((await says(fay, "GET", "/account")).status, 200)
      assert.strictEqual(
        (await ask(`${node.origin}/api/v1/imports?name=x`, "POST", {}, {
          authorization: `DPoP ${fay.token}`,
          dpop: await fay.key.prove("POST", `${node.origin}/api/v1/imports`, fay.token)
        })).status,
        403,
        "the raw doors know it too"
      )
      assert.strictEqual((await suspend(mod, mod)).status, 403, "nobody decides about themselves")
      const back = await says(mod, "POST", `/users/${segment(fay.userId)}/reinstatement`, { reason: "it was not her" })
      assert.strictEqual(back.status, 200, back.text)
      await until(async () => (await says(fay, "GET", "/circles")).status, (status) => status === 200, "she is back")
      const known = await until(standing(fay), ({ state }) => state === "active", "her standing")
      assert.strictEqual(known.verificationLevel, verificationLevel({ isProven: true } as never))
    })

    it("S4 a banned account is out everywhere, and the last admin stays", async () => {
      const gus = await join("gus")
      const ban = (userId: string) => call(node, "POST", `/users/${segment(userId)}/ban`, { reason: "spam" })
      assert.strictEqual((await ban(gus.userId)).status, 200)
      await until(
        async () => (await says(gus, "GET", "/account")).status,
        (status) => status === 401,
        "his session is over"
      )
      const again = async () =>
        (await withProof(node, gus.key, "/sign-in/token", answerTo(gus, await challenge(node, gus)))).body._tag
      await until(again, (tag) => tag === "AccountNotActive", "nor does he come in again")
      const { body } = await call(node, "GET", "/account")
      assert.strictEqual((await ban(body.userId)).body._tag, "LastAdmin")
      const demoted = await call(node, "DELETE", `/users/${segment(body.userId)}/roles/admin`, { reason: "x" })
      assert.strictEqual(demoted.body._tag, "LastAdmin")
    })

    it("E2 what cannot be taken back asks for a fresh second factor, where there is one; its codes are good once", async () => {
      const hal = await join("hal")
      const begun = await says(hal, "POST", "/account/totp", { name: "phone" })
      assert.strictEqual(begun.status, 200, begun.text)
      const totp = OTPAuth.URI.parse(begun.body.uri) as OTPAuth.TOTP
      const confirm = (code: string) => says(hal, "POST", `/account/totp/${begun.body.meansId}`, { code })
      assert.strictEqual((await confirm("000000")).status, 401)
      const code = totp.generate()
      assert.isNotNull(stepOf(totp.secret.bytes, code, Date.now()))
      const confirmed = await confirm(code)
      assert.strictEqual(confirmed.status, 200, confirmed.text)
      assert.lengthOf(confirmed.body.recoveryCodes, 10)
      const added = await says(hal, "POST", "/account/totp", { name: "another" })
      assert.deepStrictEqual(added.body._tag, "StepUpNeeded")
      assert.deepStrictEqual(added.body.means, ["totp", "recovery-code"])
      const step = (body: object) => says(hal, "POST", "/session/step-up", body)
      assert.strictEqual((await step({ means: "totp", code })).status, 401, "a code that was taken is taken")
      const answer = answerTo(hal, await challenge(node, hal, "step-up", hal.sessionId))
      assert.strictEqual((await step({ means: "device", answer })).status, 200)
      assert.strictEqual(
        (await says(hal, "POST", "/account/totp", { name: "another" })).status,
        401,
        "one factor is one"
      )
      const [recovery] = confirmed.body.recoveryCodes
      assert.strictEqual((await step({ means: "recovery-code", code: recovery.toUpperCase() })).status, 200)
      assert.strictEqual(
        (await step({ means: "recovery-code", code: recovery })).status,
        401,
        "a recovery code is good once"
      )
      assert.strictEqual((await says(hal, "POST", "/account/totp", { name: "another" })).status, 200)
      const means = (await says(hal, "GET", "/account/means")).body
      assert.strictEqual(means.recoveryCodesLeft, 9)
      assert.deepStrictEqual(means.means.map(({ name }: any) => name), ["phone"])
      const ida = await join("ida")
      const stolen = answerTo(ida, await challenge(node, ida, "step-up", hal.sessionId))
      assert.strictEqual((await says(ida, "POST", "/session/step-up", { means: "device", answer: stolen })).status, 401)
    })

    it("M1 an authenticator counts once it was confirmed, and is of use to nobody but its user", async () => {
      const [lea, max] = [await join("lea"), await join("max")]
      const { meansId, uri } = (await says(lea, "POST", "/account/totp", { name: "phone" })).body
      const code = (OTPAuth.URI.parse(uri) as OTPAuth.TOTP).generate()
      assert.strictEqual((await says(lea, "POST", "/session/step-up", { means: "totp", code })).status, 401, "not yet")
      assert.strictEqual((await says(max, "POST", `/account/totp/${meansId}`, { code })).status, 404)
      assert.strictEqual((await says(max, "DELETE", `/account/means/${meansId}`, {})).status, 404)
      assert.strictEqual((await says(lea, "POST", `/account/totp/${meansId}`, { code })).status, 200)
      assert.strictEqual((await says(max, "POST", "/session/step-up", { means: "totp", code })).status, 401)
    })

    it("V1 a watch on an open socket ends with its session, and the socket does not come back without its key", async () => {
      const { layer, signer } = client(node, await join("jan"))
      const outcome = await Effect.gen(function*() {
        const session = yield* NodeSession
        const { sessionId } = yield* session.signIn(signer)
        const calls = yield* VivimClient
        const heard = yield* Deferred.make<void>()
        const watching = yield* calls.WatchAccount({}).pipe(
          Stream.tap(() => Deferred.succeed(heard, undefined)),
          Stream.runDrain,
          Effect.fork
        )
        yield* Deferred.await(heard)
        assert.strictEqual((yield* Stream.runHead(calls.WatchSessions({})))._tag, "Some")
        yield* calls.EndSession({ sessionId })
        const ended = yield* Effect.flip(Fiber.join(watching))
        const again = yield* Effect.flip(Stream.runHead(calls.WatchAccount({})))
        return [ended._tag, again._tag]
      }).pipe(Effect.provide(layer), Effect.scoped, Effect.runPromise)
      assert.deepStrictEqual(outcome, ["NotSignedIn", "NotSignedIn"])
    })

    it("G4 a watch ends as soon as its account may no longer ask it, and what it may still ask goes on", async () => {
      const nia = await join("nia")
      const at = `/users/${segment(nia.userId)}`
      await grant(nia.userId, "moderator")
      await until(async () => (await says(nia, "GET", "/standings")).status, (status) => status === 200, "she may")
      const { layer, signer } = client(node, nia)
      const outcome = await Effect.gen(function*() {
        yield* Effect.flatMap(NodeSession, ({ signIn }) => signIn(signer))
        const calls = yield* VivimClient
        const watching = <A, E>(watch: Stream.Stream<A, E>) =>
          Effect.gen(function*() {
            const heard = yield* Deferred.make<void>()
            const told = Stream.tap(watch, () => Deferred.succeed(heard, undefined))
            const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(told)))
            yield* Deferred.await(heard)
            return fiber
          })
        const own = yield* watching(calls.WatchStanding({}))
        const standings = yield* watching(calls.WatchStandings({}))
        const circles = yield* watching(calls.WatchCircles({}))
        yield* Effect.promise(() => call(node, "DELETE", `${at}/roles/moderator`, { reason: "for the test" }))
        const withdrawn = yield* Fiber.join(standings)
        yield* Effect.promise(() => call(node, "POST", `${at}/suspension`, { until: null, reason: "for the test" }))
        const suspended = yield* Fiber.join(circles)
        const goesOn = yield* Fiber.poll(own)
        return [withdrawn._tag, suspended._tag, goesOn._tag]
      }).pipe(Effect.provide(layer), Effect.scoped, Effect.runPromise)
      assert.deepStrictEqual(outcome, ["NotAllowed", "AccountNotActive", "None"])
    })

    it("G4 a client's session carries commands, steps up, and leaves", async () => {
      const kim = await join("kim")
      const { layer, signer } = client(node, kim)
      await Effect.gen(function*() {
        const session = yield* NodeSession
        yield* session.signIn(signer)
        const calls = yield* VivimClient
        const all = yield* Effect.all(Array.from({ length: 20 }, () => calls.CountSecurity({}).pipe(Effect.flip)), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual([...new Set(all.map(({ _tag }) => _tag))], ["NotAllowed"])
        const { until } = yield* calls.StepUp({ means: "device", answer: yield* session.confirm(signer) })
        assert.isAbove(until, yield* Clock.currentTimeMillis)
        yield* calls.DeleteUser({ commandId: yield* CommandIds.next, userId: signer.userId })
        yield* Effect.repeat(Effect.exit(Stream.runHead(calls.WatchAccount({}))), {
          until: (exit) => exit._tag === "Failure" && JSON.stringify(exit.cause).includes("NotSignedIn")
        })
      }).pipe(Effect.provide(layer), Effect.scoped, Effect.runPromise)
    })
  })
