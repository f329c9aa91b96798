/** The laws of sign-in by a provider, as clients meet them. */
import { NodeSession } from "@vivim/client/NodeSession"
import * as ProviderVisit from "@vivim/client/ProviderVisit"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import { shortened } from "@vivim/node/ClientAddress"
import type { Named } from "@vivim/oidc/Providers"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as OTPAuth from "otpauth"
import { assert, beforeAll, describe, it } from "vitest"
import { call, until } from "../e2e/NodeProcess.ts"
import type { User } from "./JoinedUser.ts"
import { doors, uniform, type World } from "./ProviderClient.ts"
import { answerTo, ask, challenge, type Device, newClientKey, newDevice, refresh } from "./SigningClient.ts"

const names: ReadonlyArray<Named["id"]> = ["hostile", "local", "nobody", "wrong"]

/** `worldOf` answers node and providers, once they run: everybody signs up, and knocks are counted in hundreds. */
export const providerLaws = (worldOf: () => World) =>
  describe("sign-in by a provider", () => {
    let world: World
    let at: ReturnType<typeof doors>
    beforeAll(() => {
      world = worldOf()
      at = doors(world.node)
    })
    const segment = encodeURIComponent

    it("O1 opens a session of the account that linked it, once, carried on as any other", async () => {
      const ada = await at.join("ada")
      const offered = await ask(`${world.node.origin}/api/v1/sign-in/providers`, "GET")
      assert.deepStrictEqual(offered.body.map(({ id }: any) => id), names)
      const { meansId, name } = await at.link(ada, "ada")
      assert.strictEqual(name, "Local · ada@provider.example")
      const { means } = (await at.says(ada, "GET", "/account/means")).body
      assert.deepStrictEqual(means.map((one: any) => [one.meansId, one.means, one.name]), [[meansId, "provider", name]])

      const key = await newClientKey()
      const { body: { url } } = await at.depart(key, "local")
      const returned = await at.brought(url, "ada")
      const opened = await at.comeBack(key, returned)
      assert.strictEqual(opened.status, 200, opened.text)
      const again = await at.comeBack(key, returned)
      assert.deepStrictEqual([again.status, again.body], [401, uniform], "what was used is used")
      const session = { key, token: opened.body.accessToken }
      const own = (await at.says(session, "GET", "/sessions")).body.find(({ isThis }: any) => isThis)
      assert.deepInclude(own, { means: "provider", device: null })
      assert.strictEqual((await at.says(session, "GET", "/account")).body.handle, "ada")
      const thief = await newClientKey()
      assert.strictEqual((await at.says({ ...session, key: thief }, "GET", "/account")).status, 401)
      const next = await refresh(world.node, key, opened.body.refreshToken)
      assert.strictEqual(next.status, 200, next.text)
      assert.strictEqual((await refresh(world.node, thief, next.body.refreshToken)).status, 401)
      const log = await until(
        async () => (await at.says(ada, "GET", "/account/security")).body as ReadonlyArray<any>,
        (entries) => entries.some(({ kind, means }) => kind === "SessionOpened" && means === "provider"),
        "the session in the log"
      )
      assert.isTrue(log.some(({ kind, means }) => kind === "MeansAdded" && means === "provider"))
      assert.strictEqual(log.find(({ means }) => means === "provider")?.address, shortened("127.0.0.1"))
    })

    it("O2 what somebody is at a provider belongs to one account, also when two ask at once", async () => {
      const [cy, dot] = [await at.join("cy"), await at.join("dot")]
      const [one, two] = [
        await at.brought(await at.beginLink(cy), "twice"),
        await at.brought(await at.beginLink(dot), "twice")
      ]
      const both = await Promise.all([at.finishLink(cy, one), at.finishLink(dot, two)])
      assert.deepStrictEqual(both.map(({ status }) => status).toSorted(), [200, 409])
      assert.strictEqual(both.find(({ status }) => status === 409)!.body._tag, "IdentityTaken")
      const holder = both[0].status === 200 ? cy : dot
      const again = await at.finishLink(holder, await at.brought(await at.beginLink(holder), "twice"))
      assert.strictEqual(again.body._tag, "NothingToChange")
      assert.strictEqual((await at.enter("twice")).body.userId, holder.userId)
    })

    it("O3 links to the account whose session went, and to no other", async () => {
      const [eve, fay] = [await at.join("eve"), await at.join("fay")]
      const returned = await at.brought(await at.beginLink(eve), "eve")
      assert.deepStrictEqual((await at.finishLink(fay, returned)).body, uniform)
      assert.strictEqual((await at.finishLink(eve, returned)).status, 200)
    })

    it("opens nothing for who is linked to no account, and says what to do", async () => {
      const stranger = await at.enter("stranger")
      assert.deepInclude(stranger.body, { _tag: "IdentityNotLinked" })
      assert.strictEqual(stranger.status, 404)
    })

    it("D3 shows nothing more than it opened: a device does, which the account has anywhere", async () => {
      const gus = await at.join("gus")
      await at.link(gus, "gus")
      const session = await at.enter("gus")
      const { sessionId } = session.body
      const firmly = () => at.says(session, "POST", "/account/totp", { name: "phone" })
      const refused = await firmly()
      assert.deepInclude(refused.body, { _tag: "StepUpNeeded", means: ["device"] })
      const other = newDevice()
      const adding = () =>
        at.says(session, "POST", `/users/${segment(gus.userId)}/devices`, { deviceId: other.deviceId, name: "mine" })
      assert.strictEqual((await adding()).body._tag, "StepUpNeeded", "nor does it let a device in")
      const step = async (device: Device) =>
        at.says(session, "POST", "/session/step-up", {
          means: "device",
          answer: answerTo(device, await challenge(world.node, device, "step-up", sessionId))
        })
      assert.strictEqual((await step({ ...other, userId: gus.userId })).status, 401, "a device of nobody's")
      assert.strictEqual((await step(gus)).status, 200)
      assert.strictEqual((await adding()).status, 200)
      assert.strictEqual((await firmly()).status, 200)
    })

    it("G6 does nothing before a second factor, where there is one", async () => {
      const hal = await at.join("hal")
      await at.link(hal, "hal")
      const early = await at.enter("hal")
      const begun = (await at.says(hal, "POST", "/account/totp", { name: "phone" })).body
      const totp = OTPAuth.URI.parse(begun.uri) as OTPAuth.TOTP
      const confirmed = await at.says(hal, "POST", `/account/totp/${begun.meansId}`, { code: totp.generate() })
      const session = await at.enter("hal")
      for (const [method, path] of [["GET", "/account"], ["GET", "/circles"], ["GET", "/sessions"]] as const) {
        const refused = await at.says(session, method, path)
        assert.deepInclude(refused.body, { _tag: "StepUpNeeded", means: ["totp", "recovery-code"] }, path)
      }
      const [code] = confirmed.body.recoveryCodes
      assert.strictEqual(
        (await at.says(session, "POST", "/session/step-up", { means: "recovery-code", code })).status,
        200
      )
      assert.strictEqual((await at.says(session, "GET", "/account")).status, 200)
      assert.strictEqual((await at.says(hal, "GET", "/account")).status, 200, "who came by a device is not asked")
      assert.strictEqual((await at.says(early, "DELETE", `/sessions/${early.body.sessionId}`, {})).status, 200)
    })

    it("V2 unlinking ends what it opened, at once, and it opens nothing more", async () => {
      const ida = await at.join("ida")
      const { meansId } = await at.link(ida, "ida")
      const session = await at.enter("ida")
      assert.strictEqual((await at.says(session, "DELETE", `/account/means/${meansId}`, {})).body._tag, "StepUpNeeded")
      assert.strictEqual((await at.says(ida, "DELETE", `/account/means/${meansId}`, {})).status, 200)
      assert.strictEqual((await at.says(session, "GET", "/account")).status, 401)
      assert.strictEqual((await refresh(world.node, session.key, session.body.refreshToken)).status, 401)
      assert.strictEqual((await at.enter("ida")).body._tag, "IdentityNotLinked")
      assert.strictEqual((await at.says(ida, "GET", "/account")).status, 200, "the device's session goes on")
      const log = (await at.says(ida, "GET", "/account/security")).body as ReadonlyArray<any>
      assert.isTrue(log.some(({ kind, means }) => kind === "MeansRemoved" && means === "provider"))
      const next = await at.join("ida2")
      await at.link(next, "ida")
      assert.strictEqual((await at.enter("ida")).body.userId, next.userId, "it is free for another account")
    })

    it("is gone through by a client of the library, whose key carries the session on", async () => {
      const { origin } = world.node
      await at.link(await at.join("lib"), "lib")
      const status = await Effect.gen(function*() {
        assert.isTrue((yield* ProviderVisit.offered(origin)).some(({ id }) => id === "local"))
        const { keys, url } = yield* ProviderVisit.depart(origin, "local")
        const { code, iss, state } = yield* Effect.promise(() => at.brought(url, "lib"))
        const returned = { ...at.visit("local"), code: code!, state: state!, ...iss === undefined ? {} : { iss } }
        assert.strictEqual((yield* ProviderVisit.arrive(returned, keys)).handle, "lib")
        const account = `${origin}/api/v1/account`
        const session = yield* NodeSession
        const headers = Object.fromEntries(yield* session.headers({ method: "GET", url: account }))
        return yield* Effect.promise(() => fetch(account, { headers }).then(({ status }) => status))
      }).pipe(
        Effect.provide(Layer.provideMerge(NodeSession.layer(origin), SessionKeeper.layerMemory)),
        Effect.runPromise
      )
      assert.strictEqual(status, 200)
    })

    it("lets who is suspended see themselves, and who is banned not in", async () => {
      const [jo, kit] = [await at.join("jo"), await at.join("kit")]
      await at.link(jo, "jo")
      await at.link(kit, "kit")
      const decide = (user: User, what: string, body: object) =>
        call(world.node, "POST", `/users/${segment(user.userId)}/${what}`, { reason: "for the test", ...body })
      assert.strictEqual((await decide(jo, "suspension", { until: null })).status, 200)
      const session = await at.enter("jo")
      assert.strictEqual((await at.says(session, "GET", "/account")).status, 200)
      const refused = await until(
        () => at.says(session, "GET", "/circles"),
        ({ status }) => status === 403,
        "she rests"
      )
      assert.strictEqual(refused.body._tag, "AccountNotActive")
      assert.strictEqual((await decide(kit, "ban", {})).status, 200)
      await until(() => at.enter("kit"), ({ body }) => body._tag === "AccountNotActive", "he is out")
    })
  })
