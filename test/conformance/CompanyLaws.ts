/** The laws of sessions and limits over several processes of one node: what one has let in, ended or counted, the others know. */
import { shortened } from "@vivim/node/ClientAddress"
import { assert, describe, it } from "vitest"
import { call, type NodeProcess, until } from "../e2e/NodeProcess.ts"
import { answerTo, as, ask, challenge, newClientKey, newDevice, refresh, signIn, withProof } from "./SigningClient.ts"

/** The invitation these nodes ask for, and how many challenges they give to one network. */
export const rule = { invitation: "open sesame", challenges: 16 }

export const companyLaws = (nodesOf: () => readonly [NodeProcess, NodeProcess]) =>
  describe("several processes", () => {
    const ada = newDevice()

    it("D3 an account is opened by invitation, and by nobody in another's name or by another's handle", async () => {
      const [node, other] = nodesOf()
      const key = await newClientKey()
      const answer = async (device = ada) => answerTo(device, await challenge(node, device, "sign-up"))
      const join = async (body: object) =>
        withProof(node, key, "/sign-up", { handle: "ada", displayName: "Ada", answer: await answer(), ...body })
      assert.strictEqual((await join({})).status, 403)
      assert.strictEqual((await join({ invitation: "open barley" })).status, 403)
      const theirs = { ...newDevice(), userId: ada.userId }
      const { invitation } = rule
      assert.strictEqual((await join({ invitation, answer: await answer(theirs) })).status, 401)
      const joined = await join({ invitation })
      assert.strictEqual(joined.status, 200, joined.text)
      assert.strictEqual((await join({ invitation, handle: "ada", answer: await answer(newDevice()) })).status, 409)
      assert.strictEqual((await as(other, key, joined.body.accessToken, "GET", "/account")).status, 200)
    })

    it("D3 whoever shows the node's own token as their invitation is an admin with their account", async () => {
      const [node, other] = nodesOf()
      const key = await newClientKey()
      const join = async (handle: string, invitation: string) => {
        const device = newDevice()
        const answer = answerTo(device, await challenge(node, device, "sign-up"))
        const body = { handle, displayName: handle, answer, invitation }
        return (await withProof(node, key, "/sign-up", body)).body.accessToken
      }
      const [guest, runner] = [await join("quinn", rule.invitation), await join("robin", node.token())]
      assert.strictEqual((await as(node, key, guest, "GET", "/node")).status, 403)
      await until(
        async () => (await as(other, key, runner, "GET", "/node")).status,
        (status) => status === 200,
        "the other process has heard of it"
      )
    })

    it("S4 a session opened at one is good at the other, and ended at one is over at the other", async () => {
      const [one, other] = nodesOf()
      const key = await newClientKey()
      const session = (await signIn(one, ada, key)).body
      const next = await refresh(other, key, session.refreshToken)
      assert.strictEqual(next.status, 200, next.text)
      const list = await until(
        async () => (await as(other, key, session.accessToken, "GET", "/sessions")).body as ReadonlyArray<any>,
        (sessions) => sessions.every(({ address }) => address !== ""),
        "the view knows where they were opened"
      )
      assert.deepStrictEqual([...new Set(list.map(({ address }) => address))], [shortened("127.0.0.1")])
      assert.strictEqual((await as(one, key, session.accessToken, "POST", "/sessions/end", {})).status, 200)
      await until(
        async () => (await as(other, key, next.body.accessToken, "GET", "/account")).status,
        (status) => status === 401,
        "the other process has heard of it"
      )
      assert.strictEqual((await refresh(other, key, next.body.refreshToken)).status, 401)
    })

    it("a proof and an answer are taken once by all together", async () => {
      const [one, other] = nodesOf()
      const key = await newClientKey()
      const answer = answerTo(ada, await challenge(one, ada))
      const at = (node: NodeProcess) => withProof(node, key, "/sign-in/token", answer)
      const said = await Promise.all([at(one), at(other)])
      assert.deepStrictEqual(said.map(({ status }) => status).toSorted(), [200, 401])
      const { accessToken } = said.find(({ status }) => status === 200)!.body
      const url = `${one.origin}/api/v1/account`
      const dpop = await key.prove("GET", url, accessToken)
      const asked = (node: NodeProcess) =>
        ask(`${node.origin}/api/v1/account`, "GET", undefined, { authorization: `DPoP ${accessToken}`, dpop })
      assert.strictEqual((await asked(one)).status, 200)
      assert.strictEqual((await asked(one)).status, 401)
      assert.strictEqual((await asked(other)).status, 401, "nor at another address")
    })

    it("D2 what one network may ask for is counted over all of them, and it is told how long to wait", async () => {
      const nodes = nodesOf()
      const asked = { userId: ada.userId, deviceId: ada.deviceId, purpose: "sign-in" }
      const said = []
      for (let n = 0; n < 2 * rule.challenges; n++) {
        said.push(await ask(`${nodes[n % 2]!.origin}/api/v1/sign-in/challenge`, "POST", asked))
      }
      const refused = said.filter(({ status }) => status === 429)
      assert.isAtLeast(refused.length, rule.challenges)
      for (const { body, headers } of refused) {
        assert.strictEqual(body._tag, "TooManyRequests")
        assert.isAbove(Number(headers.get("retry-after")) * 1_000, body.retryAfterMs - 1)
      }
      const told = await call(nodes[0], "GET", "/account")
      assert.strictEqual(told.status, 200, "whoever runs the node is not counted")
    })
  })
