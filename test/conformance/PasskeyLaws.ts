/** The laws of passkeys, as a browser meets them, and what is tried to come by a session with one without a right to it. */
import { device, genesis, holder, next } from "@vivim/crypto/did/LogExample"
import * as Operation from "@vivim/crypto/did/Operation"
import { userHandleOf } from "@vivim/session/PasskeyRecord"
import { assert, beforeAll, describe, it } from "vitest"
import { call, type NodeProcess, until } from "../e2e/NodeProcess.ts"
import { type Caller, type ClientKey, people, type User } from "./JoinedUser.ts"
import { answerTo, as, ask, challenge, newClientKey, refresh, signIn, withProof } from "./SigningClient.ts"
import { type Authenticator, newAuthenticator } from "./SoftAuthenticator.ts"

/** `nodeOf` answers the node, once it runs: it lets everybody sign up, and knocks are not counted in small numbers. */
export const passkeyLaws = (nodeOf: () => NodeProcess) =>
  describe("passkeys", () => {
    let node: NodeProcess
    /** Where browsers are: an address is nobody's name. */
    let origin: string
    beforeAll(() => {
      node = nodeOf()
      origin = node.origin.replace("127.0.0.1", "localhost")
    })

    const { join, says } = people(nodeOf)
    const wanted = async (user: User) => {
      const said = await says(user, "POST", "/account/passkeys/challenge", { origin })
      assert.strictEqual(said.status, 200, said.text)
      return said.body
    }
    const add = (user: User, made: object, name = "Phone") => says(user, "POST", "/account/passkeys", { name, made })
    const registered = async (user: User, authenticator: Authenticator = newAuthenticator(origin)) => {
      const added = await add(user, authenticator.make(await wanted(user)))
      assert.strictEqual(added.status, 200, added.text)
      return { authenticator, ...added.body as { readonly meansId: string; readonly recoveryCodes: Array<string> } }
    }
    const asked = async (body: object = { purpose: "sign-in" }) => {
      const said = await ask(`${node.origin}/api/v1/sign-in/passkey/challenge`, "POST", { origin, ...body })
      assert.strictEqual(said.status, 200, said.text)
      return said.body
    }
    const open = (answer: object, key: ClientKey) => withProof(node, key, "/sign-in/passkey", answer)
    const opened = async (authenticator: Authenticator) => {
      const key = await newClientKey()
      const said = await open(authenticator.answer(await asked()), key)
      assert.strictEqual(said.status, 200, said.text)
      return { key, token: said.body.accessToken, ...said.body }
    }
    const security = async (user: Caller) => (await says(user, "GET", "/account/security")).body as ReadonlyArray<any>

    it("W4 a passkey opens a session like any other, bound to its client's key, and is told in the log", async () => {
      const user = await join("pia")
      const { authenticator, meansId, recoveryCodes } = await registered(user)
      assert.lengthOf(recoveryCodes, 10)
      const session = await opened(authenticator)
      assert.deepInclude(session, { userId: user.userId, handle: "pia" })
      assert.strictEqual((await says(session, "GET", "/account")).status, 200)
      assert.strictEqual((await as(node, await newClientKey(), session.token, "GET", "/account")).status, 401)
      const next = await refresh(node, session.key, session.refreshToken)
      assert.strictEqual(next.status, 200, next.text)
      const sessions = (await says(session, "GET", "/sessions")).body as ReadonlyArray<any>
      assert.deepInclude(sessions.find(({ isThis }) => isThis), { means: "passkey", device: null })
      const log = await until(
        () => security(user),
        (all) => all.some(({ means }) => means === "passkey"),
        "its entries"
      )
      const told = log.filter(({ means }) => means === "passkey").map(({ kind }) => kind)
      assert.deepStrictEqual(told, ["SessionOpened", "MeansAdded"])
      const { means } = (await says(user, "GET", "/account/means")).body
      assert.deepInclude(means[0], { meansId, means: "passkey", name: "Phone", device: null })
      assert.isAtLeast(means[0].usedAt, means[0].addedAt)
      const second = await registered({ ...user, ...session })
      assert.deepStrictEqual(second.recoveryCodes, [], "those there are go on")
    })

    it("E2 a passkey is two factors: it is asked for where there is one, and who signed in with it has shown both", async () => {
      const user = await join("quy")
      const { authenticator } = await registered(user)
      const device = (await signIn(node, user, user.key)).body
      const later = { ...user, token: device.accessToken, sessionId: device.sessionId }
      const refused = await says(later, "POST", "/account/passkeys/challenge", { origin })
      assert.deepInclude(refused.body, { _tag: "StepUpNeeded", means: ["passkey", "recovery-code"] })
      const step = (body: object) => says(later, "POST", "/session/step-up", body)
      const { sessionId } = later
      const shown = async (body?: object) =>
        step({ means: "passkey", passkey: authenticator.answer(await asked(body)) })
      assert.strictEqual((await shown()).status, 401, "signing in is something else")
      const others = (await join("quz")).sessionId
      assert.strictEqual((await shown({ purpose: "step-up", sessionId: others })).status, 401, "so is another session")
      const answer = answerTo(later, await challenge(node, later, "step-up", sessionId))
      assert.strictEqual((await step({ means: "device", answer })).status, 200)
      assert.strictEqual(
        (await says(later, "POST", "/account/passkeys/challenge", { origin })).status,
        401,
        "one is one"
      )
      assert.strictEqual((await shown({ purpose: "step-up", sessionId })).status, 200)
      assert.strictEqual((await says(later, "POST", "/account/passkeys/challenge", { origin })).status, 200)
      const stranger = await registered(await join("qux"))
      const theirs = stranger.authenticator.answer(await asked({ purpose: "step-up", sessionId }))
      assert.strictEqual((await step({ means: "passkey", passkey: theirs })).status, 401, "nor by another's passkey")
      const fresh = await opened(authenticator)
      assert.strictEqual((await says(fresh, "POST", "/account/passkeys/challenge", { origin })).status, 200)
    })

    /** All of them are refused, in the same words: what was wrong is not said, nor whether there is such a passkey. */
    const refused = async (answers: ReadonlyArray<object>) => {
      const said = []
      for (const answer of answers) said.push(await open(answer, await newClientKey()))
      assert.deepStrictEqual(said.map(({ status }) => status), answers.map(() => 401))
      assert.strictEqual(new Set(said.map(({ text }) => text)).size, 1, "the same bytes")
    }

    it("W1 an answer to another challenge than one for signing in here, now, is none", async () => {
      const user = await join("rex")
      const { authenticator } = await registered(user)
      const mine = { ...user, ...await opened(authenticator) }
      const good = await asked()
      const tampered = (at: number) => {
        const bytes = Buffer.from(good.challenge, "base64url")
        bytes[at]! ^= 1
        return authenticator.answer({ ...good, challenge: bytes.toString("base64url") })
      }
      await refused([
        authenticator.answer(await asked({ purpose: "step-up", sessionId: user.sessionId })),
        authenticator.answer(await wanted(mine)),
        authenticator.answer(good, { origin: node.origin }),
        tampered(0),
        // A moment longer than it was given.
        tampered(23),
        tampered(40),
        authenticator.answer({ ...good, challenge: "AAAA" })
      ])
      const knock = (origin: string) =>
        ask(`${node.origin}/api/v1/sign-in/passkey/challenge`, "POST", { origin, purpose: "sign-in" })
      assert.strictEqual((await knock("https://evil.example")).status, 403)
      assert.strictEqual((await knock(node.origin)).status, 403, "an address is no name")
    })

    it("W2 an answer for another page, site or passkey, or that nobody was verified for, is none", async () => {
      const { authenticator } = await registered(await join("roy"))
      const bo = await registered(await join("rey"))
      const honest = authenticator.answer(await asked())
      await refused([
        authenticator.answer(await asked(), { origin: "https://evil.example" }),
        authenticator.answer(await asked(), { origin: origin.replace("localhost", "evil.localhost") }),
        authenticator.answer(await asked(), { rpId: "evil.example" }),
        authenticator.answer(await asked(), { unverified: true }),
        authenticator.answer(await asked(), { crossOrigin: true }),
        authenticator.answer(await asked(), { type: "webauthn.create" }),
        authenticator.answer(await asked(), { id: bo.authenticator.id }),
        authenticator.answer(await asked(), { userHandle: userHandleOf("did:key:zSomebody") }),
        newAuthenticator(origin).answer(await asked(), { id: authenticator.id }),
        newAuthenticator(origin).answer(await asked()),
        {
          ...honest,
          response: { ...honest.response, signature: bo.authenticator.answer(await asked()).response.signature }
        }
      ])
      const unproven = await ask(`${node.origin}/api/v1/sign-in/passkey`, "POST", authenticator.answer(await asked()))
      assert.strictEqual(unproven.status, 401, "nor without the client's key")
    })

    it("W5 a challenge is answered once, and a counter that does not go on opens nothing and is told", async () => {
      const user = await join("sam")
      const { authenticator } = await registered(user)
      const mine = { ...user, ...await opened(authenticator) }
      const { key } = mine
      const answer = authenticator.answer(await asked())
      const both = await Promise.all([open(answer, key), open(answer, key)])
      assert.deepStrictEqual(both.map(({ status }) => status).toSorted(), [200, 401])
      assert.strictEqual((await open(answer, key)).status, 401)
      const reused = JSON.parse(Buffer.from(answer.response.clientDataJSON, "base64url").toString())
      assert.strictEqual((await open(authenticator.answer({ ...reused, rpId: "localhost" }), key)).status, 401)
      for (const counter of [1, 0]) {
        assert.strictEqual((await open(authenticator.answer(await asked(), { counter }), key)).status, 401)
      }
      const log = await until(
        () => security(user),
        (all) => all.filter(({ kind }) => kind === "CounterWentBack").length === 2,
        "the counter in the log"
      )
      assert.strictEqual(log.find(({ kind }) => kind === "CounterWentBack").means, "passkey")
      assert.strictEqual((await open(authenticator.answer(await asked()), key)).status, 200, "the honest one goes on")
      const uncounted = newAuthenticator(origin)
      const made = await add(mine, uncounted.make(await wanted(mine), { counter: 0 }))
      assert.strictEqual(made.status, 200, made.text)
      for (const _ of [1, 2]) {
        assert.strictEqual((await open(uncounted.answer(await asked(), { counter: 0 }), key)).status, 200)
      }
    })

    it("W3 what is made is made here, for this account, now, by whoever made the authenticator, once", async () => {
      const [user, other] = [await join("tom"), await join("ton")]
      const authenticator = newAuthenticator(origin)
      const wrong = [
        authenticator.make(await wanted(other)),
        authenticator.make(await asked()),
        authenticator.make(await wanted(user), { origin: "https://evil.example" }),
        authenticator.make(await wanted(user), { rpId: "evil.example" }),
        authenticator.make(await wanted(user), { unverified: true }),
        authenticator.make(await wanted(user), { crossOrigin: true }),
        authenticator.make(await wanted(user), { id: newAuthenticator(origin).id }),
        authenticator.make(await wanted(user), { type: "webauthn.get" })
      ]
      for (const [n, made] of wrong.entries()) assert.strictEqual((await add(user, made)).status, 401, `${n}`)
      const made = authenticator.make(await wanted(user))
      assert.strictEqual((await add(user, made)).status, 200)
      assert.strictEqual((await add(user, made)).status, 401, "its challenge is used up")
      const again = await opened(authenticator)
      const mine = { ...user, ...again }
      assert.deepInclude(await wanted(mine), { known: [authenticator.id] })
      assert.strictEqual((await add(other, authenticator.make(await wanted(other)))).status, 403, "it is Tom's")
    })

    it("W4 a passkey that was removed opens nothing, and neither does one of an account that is shut out", async () => {
      const user = await join("uma")
      const { authenticator, meansId } = await registered(user)
      const mine = { ...user, ...await opened(authenticator) }
      const bo = await join("uno")
      assert.strictEqual((await says(bo, "DELETE", `/account/means/${meansId}`, {})).status, 404)
      assert.strictEqual((await says(mine, "DELETE", `/account/means/${meansId}`, {})).status, 200)
      assert.strictEqual((await open(authenticator.answer(await asked()), mine.key)).status, 401)
      assert.strictEqual((await says(mine, "GET", "/account")).status, 401, "nor does what it had opened go on")
      assert.deepInclude((await says(user, "GET", "/account/means")).body, { means: [], recoveryCodesLeft: 0 })
      const at = `/users/${encodeURIComponent(user.userId)}`
      const second = await registered(user)
      const rests = await call(node, "POST", `${at}/suspension`, { until: null, reason: "for the test" })
      assert.strictEqual(rests.status, 200)
      const resting = await opened(second.authenticator)
      await until(() => says(resting, "GET", "/circles"), ({ body }) => body?._tag === "AccountNotActive", "it rests")
      assert.strictEqual((await call(node, "POST", `${at}/ban`, { reason: "for the test" })).status, 200)
      await until(
        async () => (await open(second.authenticator.answer(await asked()), mine.key)).body._tag,
        (tag) => tag === "AccountNotActive",
        "it is out"
      )
    })

    it("W6 who takes an account back with its kit is asked for nothing a thief may have set up, and it opens nothing", async () => {
      const kem = new Uint8Array(1_216)
      const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url")
      const held = (name: string) => ({ ...holder(name), kem: Operation.hashOf(kem) })
      const [kit, phone, fresh] = [held("vic's kit"), held("vic's phone"), held("vic's new phone")]
      const { bytes, did } = genesis([kit], phone, Date.now())
      const as = ({ deviceId, identity }: typeof phone) => ({
        userId: did,
        deviceId,
        sign: (bytes: Uint8Array) => base64url(identity.sign(bytes))
      })
      const key = await newClientKey()
      const stated = (operation: Uint8Array) => ({ operation: base64url(operation), kemKeys: [base64url(kem)] })
      const up = await withProof(node, key, "/sign-up", {
        answer: answerTo(as(phone), await challenge(node, as(phone), "sign-up")),
        handle: "vic",
        displayName: "Vic",
        genesis: stated(bytes)
      })
      assert.strictEqual(up.status, 200, up.text)
      const thief = { ...as(phone), key, token: up.body.accessToken, sessionId: up.body.sessionId }
      const { authenticator } = await registered(thief)
      const robbery = await opened(authenticator)
      const back = next(bytes, kit, Date.now(), { devices: device(fresh, 0) })
      const taken = await ask(`${node.origin}/api/v1/identity/${encodeURIComponent(did)}/log`, "POST", stated(back))
      assert.strictEqual(taken.status, 200, taken.text)
      await refused([authenticator.answer(await asked())])
      await until(() => says(robbery, "GET", "/account"), ({ status }) => status === 401, "the thief's session is over")
      const session = await signIn(node, as(fresh), key)
      assert.strictEqual(session.status, 200, session.text)
      const owner = { ...as(fresh), key, token: session.body.accessToken, sessionId: session.body.sessionId }
      assert.deepStrictEqual((await says(owner, "GET", "/account/means")).body, { means: [], recoveryCodesLeft: 0 })
      assert.strictEqual((await registered(owner)).recoveryCodes.length, 10, "nothing stands in the way")
      const log = await until(() => security(owner), (all) => all.some(({ kind }) => kind === "MeansRemoved"), "told")
      assert.strictEqual(log.find(({ kind }) => kind === "MeansRemoved").means, "passkey")
    })
  })
