/** The laws of a node's sessions, as a client meets them, and what is tried to come by one without a right to it. */
import { shortened } from "@vivim/node/ClientAddress"
import { hashOf } from "@vivim/session/Proof"
import { SignJWT } from "jose"
import * as crypto from "node:crypto"
import { assert, beforeAll, describe, it } from "vitest"
import { call, type NodeProcess, until } from "../e2e/NodeProcess.ts"
import {
  answerTo,
  as,
  ask,
  challenge,
  type Device,
  newClientKey,
  newDevice,
  refresh,
  signIn,
  signUp,
  withProof
} from "./SigningClient.ts"

/** `nodeOf` answers the node, once it runs: it lets everybody sign up, and knocks are not counted in small numbers. */
export const sessionLaws = (nodeOf: () => NodeProcess) =>
  describe("sessions", () => {
    let node: NodeProcess
    const ada = newDevice()
    let key: Awaited<ReturnType<typeof newClientKey>>
    beforeAll(async () => {
      node = nodeOf()
      key = await newClientKey()
      const up = await signUp(node, ada, key, "ada")
      assert.strictEqual(up.status, 200, up.text)
    })

    const opened = async (device = ada, by = key) => {
      const answer = await signIn(node, device, by)
      assert.strictEqual(answer.status, 200, answer.text)
      return answer.body as { readonly accessToken: string; readonly refreshToken: string; readonly sessionId: string }
    }

    it("S3 a session is opened by a signed challenge, and carries a call with a proof", async () => {
      const { accessToken } = await opened()
      const account = await as(node, key, accessToken, "GET", "/account")
      assert.strictEqual(account.status, 200, account.text)
      assert.strictEqual(account.body.handle, "ada")
      assert.strictEqual((await as(node, key, accessToken, "GET", "/node")).status, 403, "a user runs no node")
    })

    it("E1 a session is seen, and ended, by its user alone: one, and everywhere", async () => {
      const [one, two] = [await opened(), await opened()]
      const list = await until(
        async () => (await as(node, key, one.accessToken, "GET", "/sessions")).body as ReadonlyArray<any>,
        (sessions) => sessions.every(({ address }) => address !== ""),
        "the view knows where they were opened"
      )
      assert.deepStrictEqual(list.filter(({ isThis }) => isThis).map(({ sessionId }) => sessionId), [one.sessionId])
      assert.strictEqual(list.find(({ sessionId }) => sessionId === two.sessionId)?.address, shortened("127.0.0.1"))
      assert.strictEqual((await as(node, key, one.accessToken, "DELETE", `/sessions/${two.sessionId}`)).status, 200)
      assert.strictEqual((await as(node, key, two.accessToken, "GET", "/account")).status, 401)
      assert.strictEqual((await refresh(node, key, two.refreshToken)).status, 401)
      const bo = newDevice()
      const boKey = await newClientKey()
      const bos = (await signUp(node, bo, boKey, "bo")).body
      assert.strictEqual((await as(node, boKey, bos.accessToken, "DELETE", `/sessions/${one.sessionId}`)).status, 404)
      assert.isAbove((await as(node, key, one.accessToken, "POST", "/sessions/end", {})).body.ended, 0)
      assert.strictEqual((await as(node, key, one.accessToken, "GET", "/account")).status, 401)
      assert.strictEqual((await as(node, boKey, bos.accessToken, "GET", "/account")).status, 200, "Bo's goes on")
    })

    it("L1 what was done is in the user's own log, and counts for the operator", async () => {
      const [{ accessToken }, other] = [await opened(), await opened()]
      const ended = await as(node, key, accessToken, "DELETE", `/sessions/${other.sessionId}`)
      assert.strictEqual(ended.status, 200, ended.text)
      const ofOther = (entries: ReadonlyArray<any>) => entries.filter(({ sessionId }) => sessionId === other.sessionId)
      const log = await until(
        async () => (await as(node, key, accessToken, "GET", "/account/security")).body as ReadonlyArray<any>,
        (entries) => ofOther(entries).some(({ kind }) => kind === "SessionEnded"),
        "an ended session in the log"
      )
      assert.deepStrictEqual(ofOther(log).map(({ address, kind }) => [kind, address]), [
        ["SessionEnded", null],
        ["SessionOpened", shortened("127.0.0.1")]
      ])
      const counts = await call(node, "GET", "/security/counts")
      assert.strictEqual(counts.status, 200)
      assert.isTrue(counts.body.some(({ count, kind }: any) => kind === "SessionOpened" && count > 0))
      assert.notInclude(JSON.stringify(counts.body), ada.userId)
      assert.strictEqual((await as(node, key, accessToken, "GET", "/security/counts")).status, 403)
    })

    it("S1 an answer opens one session, once", async () => {
      const answer = answerTo(ada, await challenge(node, ada))
      assert.strictEqual((await withProof(node, key, "/sign-in/token", answer)).status, 200)
      assert.strictEqual((await withProof(node, key, "/sign-in/token", answer)).status, 401)
    })

    it("D1 an answer for another origin, account, device, purpose or time is none, and all that is wrong is answered alike", async () => {
      const stranger = newDevice()
      const made = await challenge(node, ada)
      const answers = [
        answerTo(ada, { ...made, origin: "https://evil.example" }),
        answerTo(ada, made, { expiresAt: made.expiresAt + 60_000 }),
        answerTo(ada, await challenge(node, ada, "sign-up")),
        answerTo(stranger, await challenge(node, stranger)),
        answerTo(ada, made, { signature: stranger.sign(new Uint8Array(1)) }),
        answerTo(stranger, await challenge(node, ada), { userId: ada.userId }),
        answerTo(
          { ...stranger, deviceId: "phone" as never },
          await challenge(node, { ...stranger, deviceId: "phone" as never })
        )
      ]
      const said = []
      for (const answer of answers) said.push(await withProof(node, key, "/sign-in/token", answer))
      assert.deepStrictEqual([...new Set(said.map(({ status }) => status))], [401])
      assert.strictEqual(new Set(said.map(({ text }) => text)).size, 1, "the same bytes")
      assert.strictEqual(
        Object.keys(await challenge(node, ada)).join(),
        Object.keys(await challenge(node, stranger)).join(),
        "a challenge tells nothing of whether there is such an account"
      )
    })

    it("D1 the time a wrong answer takes tells nothing of whether there is such an account", async () => {
      const thief = newDevice()
      const took = async (device: Device) => {
        const made = await challenge(node, device)
        const answer = answerTo(device, made, { signature: thief.sign(new Uint8Array(1)) })
        const from = performance.now()
        assert.strictEqual((await withProof(node, key, "/sign-in/token", answer)).status, 401)
        return performance.now() - from
      }
      // One stranger, as there is one Ada: a key that was seen before is looked at faster, whoever's it is.
      const stranger = newDevice()
      const [known, unknown] = [[] as Array<number>, [] as Array<number>]
      for (let n = 0; n < 150; n++) {
        known.push(await took(ada))
        unknown.push(await took(stranger))
      }
      // How often the one takes longer than the other, over all pairs: half, give or take a thirtieth, where there is nothing to tell.
      const longer = known.flatMap((one) => unknown.map((other): number => (one > other ? 1 : 0)))
      assert.closeTo(longer.reduce((sum, one) => sum + one) / longer.length, 0.5, 0.2)
    })

    it("an answer wants a proof of the client's key", async () => {
      const answer = answerTo(ada, await challenge(node, ada))
      assert.strictEqual((await ask(`${node.origin}/api/v1/sign-in/token`, "POST", answer)).status, 401)
    })

    it("D1 a token is of no use without its key, nor as a bearer token", async () => {
      const { accessToken } = await opened()
      const url = `${node.origin}/api/v1/account`
      const thief = await newClientKey()
      assert.strictEqual((await as(node, thief, accessToken, "GET", "/account")).status, 401)
      assert.strictEqual((await ask(url, "GET", undefined, { authorization: `DPoP ${accessToken}` })).status, 401)
      assert.strictEqual((await ask(url, "GET", undefined, { authorization: `Bearer ${accessToken}` })).status, 401)
    })

    it("D2 a token comes with a proof for this very request, and with one that was not used", async () => {
      const { accessToken } = await opened()
      const url = `${node.origin}/api/v1/account`
      const tried = async (dpop: string) =>
        (await ask(url, "GET", undefined, { authorization: `DPoP ${accessToken}`, dpop })).status
      const now = Math.floor(Date.now() / 1_000)
      const good = await key.prove("GET", url, accessToken)
      assert.strictEqual(await tried(good), 200)
      const wrong = [
        good,
        await key.prove("POST", url, accessToken),
        await key.prove("GET", `${node.origin}/api/v1/users`, accessToken),
        await key.prove("GET", "https://evil.example/api/v1/account", accessToken),
        await key.prove("GET", url, `${accessToken}x`),
        await key.prove("GET", url),
        await key.prove("GET", url, accessToken, { iat: now - 120 }),
        await key.prove("GET", url, accessToken, { iat: now + 120 }),
        await key.prove("GET", url, accessToken, { typ: "JWT" }),
        await key.prove("GET", url, accessToken, { jti: "short" })
      ]
      for (const [n, proof] of wrong.entries()) assert.strictEqual(await tried(proof), 401, `proof ${n}`)
    })

    it("a token by another algorithm, key, kind or node is none", async () => {
      const { accessToken, sessionId } = await opened()
      assert.strictEqual(hashOf(accessToken).length, 43)
      const [head, claims, signature] = accessToken.split(".") as [string, string, string]
      const payload = JSON.parse(Buffer.from(claims, "base64url").toString())
      const header = JSON.parse(Buffer.from(head, "base64url").toString())
      const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
      const other = crypto.generateKeyPairSync("ed25519")
      const publicKey = other.publicKey.export({ format: "pem", type: "spki" })
      const sign = (header: object, by: crypto.KeyObject | Uint8Array, alg = "EdDSA") =>
        new SignJWT(payload).setProtectedHeader({ ...header, alg } as never).sign(by as never)
      const forged = [
        `${b64({ ...header, alg: "none" })}.${claims}.`,
        `${b64({ ...header, alg: "none" })}.${claims}.${signature}`,
        await sign(header, new TextEncoder().encode(String(publicKey)), "HS256"),
        await sign(header, other.privateKey),
        await sign({ ...header, kid: "another" }, other.privateKey),
        await sign({ ...header, jwk: other.publicKey.export({ format: "jwk" }) }, other.privateKey),
        `${head}.${b64({ ...payload, sub: newDevice().userId })}.${signature}`,
        `${b64({ ...header, kid: "another" })}.${claims}.${signature}`
      ]
      for (const [n, token] of forged.entries()) {
        assert.strictEqual((await as(node, key, token, "GET", "/account")).status, 401, `token ${n}`)
      }
      assert.strictEqual((await as(node, key, accessToken, "GET", "/account")).status, 200, sessionId)
    })

    it("S2 a refresh token is good once: a race gets one successor, a late repeat ends the session", async () => {
      const first = await opened()
      const [a, b] = await Promise.all([refresh(node, key, first.refreshToken), refresh(node, key, first.refreshToken)])
      assert.strictEqual(a.status, 200, a.text)
      assert.strictEqual(a.body.refreshToken, b.body.refreshToken)
      const second = await refresh(node, key, a.body.refreshToken)
      assert.strictEqual(second.status, 200)
      assert.strictEqual((await refresh(node, key, first.refreshToken)).status, 401, "two generations old")
      assert.strictEqual((await refresh(node, key, second.body.refreshToken)).status, 401, "the family is over")
      assert.strictEqual((await as(node, key, second.body.accessToken, "GET", "/account")).status, 401)
      const { accessToken } = await opened()
      const kinds = async () =>
        ((await as(node, key, accessToken, "GET", "/account/security")).body as ReadonlyArray<any>).map(({ kind }) =>
          kind
        )
      await until(kinds, (all) => all.includes("RefreshReused"), "the reuse in the user's log")
    })

    it("a refresh token is of no use with another key, and the session goes on", async () => {
      const session = await opened()
      assert.strictEqual((await refresh(node, await newClientKey(), session.refreshToken)).status, 401)
      assert.strictEqual((await refresh(node, key, session.refreshToken)).status, 200)
      const { sessionId } = session
      assert.strictEqual((await refresh(node, key, `${sessionId}.9.${"A".repeat(43)}`)).status, 401)
      assert.strictEqual((await as(node, key, session.accessToken, "GET", "/account")).status, 200)
    })

    it("V2 a device that is revoked takes its sessions with it, at once", async () => {
      const laptop = newDevice()
      const owner = await opened()
      const laptopOfAda = { ...laptop, userId: ada.userId }
      const added = await as(node, key, owner.accessToken, "POST", `/users/${encodeURIComponent(ada.userId)}/devices`, {
        deviceId: laptop.deviceId,
        name: "laptop"
      })
      assert.strictEqual(added.status, 200, added.text)
      await call(node, "GET", `/positions/${added.body.position}`)
      const laptopKey = await newClientKey()
      const session = await opened(laptopOfAda, laptopKey)
      assert.strictEqual((await as(node, laptopKey, session.accessToken, "GET", "/account")).status, 200)
      const revoked = await as(
        node,
        key,
        owner.accessToken,
        "DELETE",
        `/users/${encodeURIComponent(ada.userId)}/devices/${laptop.deviceId}`,
        {}
      )
      assert.strictEqual(revoked.status, 200, revoked.text)
      await until(
        async () => (await as(node, laptopKey, session.accessToken, "GET", "/account")).status,
        (status) => status === 401,
        "the revoked device is out"
      )
      assert.strictEqual((await refresh(node, laptopKey, session.refreshToken)).status, 401)
      await call(node, "GET", `/positions/${revoked.body.position}`)
      assert.strictEqual((await signIn(node, laptopOfAda, laptopKey)).status, 401)
      assert.strictEqual(
        (await as(node, key, owner.accessToken, "GET", "/account")).status,
        200,
        "the other one goes on"
      )
    })
  })
