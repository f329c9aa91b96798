/** What is tried to come by a session through a provider without a right to it: with a real provider, and with one that lies. */
import { of as originsOf } from "@vivim/node/Origins"
import { redirectOf } from "@vivim/oidc/ProviderSignIn"
import { exportSPKI } from "jose"
import { assert, beforeAll, describe, it } from "vitest"
import { clientSecret } from "./HostileProvider.ts"
import { doors, uniform, type World } from "./ProviderClient.ts"
import { ask, newClientKey } from "./SigningClient.ts"

/** `worldOf` answers node and providers, once they run: everybody signs up, and knocks are counted in hundreds. */
export const providerAttackLaws = (worldOf: () => World) =>
  describe("attacks on sign-in by a provider", () => {
    let world: World
    let at: ReturnType<typeof doors>
    beforeAll(() => {
      world = worldOf()
      at = doors(world.node)
    })
    it("D5 what went along for another browser, purpose, provider or origin opens nothing, and all is answered alike", async () => {
      const bo = await at.join("bo")
      await at.link(bo, "bo")
      const [own, other] = [await newClientKey(), await newClientKey()]
      const going = async () => at.brought((await at.depart(own, "local")).body.url, "bo")
      const linking = await at.brought(await at.beginLink(bo), "mal")
      const [first, second] = [await going(), await going()]
      const said = [
        // Somebody has a victim open the way back of their own visit.
        await at.comeBack(other, await going()),
        await at.comeBack(own, linking),
        await at.comeBack(own, { ...await going(), provider: "hostile" }),
        await at.comeBack(own, { ...await going(), origin: `http://localhost:${new URL(world.node.origin).port}` }),
        await at.comeBack(own, { ...await going(), origin: "https://evil.example" }),
        await at.comeBack(own, { ...await going(), state: `${Date.now() + 60_000}.${"A".repeat(64)}` }),
        // Its provider names itself, and it is not another (RFC 9207).
        await at.comeBack(own, { ...await going(), iss: "https://evil.example" }),
        await at.comeBack(own, { ...await going(), iss: undefined }),
        // A code of another visit, and one that nobody made.
        await at.comeBack(own, { ...first, code: second.code }),
        await at.comeBack(own, { ...await going(), code: "made-up" }),
        await at.finishLink(bo, await going())
      ]
      assert.deepStrictEqual([...new Set(said.map(({ status }) => status))], [401])
      assert.deepStrictEqual(said.map(({ body }) => body), said.map(() => uniform))
      const bare = await ask(`${world.node.origin}/api/v1/sign-in/provider`, "POST", at.visit("local"))
      assert.strictEqual(bare.status, 401, "without a key there is no visit")
      assert.strictEqual((await at.depart(own, "unknown")).body._tag, "NoSuchProvider")
    })

    it("P2 a code stolen on its way is of no use to who has not begun the visit", async () => {
      const [victim, thief] = [await newClientKey(), await newClientKey()]
      const stolen = await at.brought((await at.depart(victim, "local")).body.url, "bo")
      const own = await at.brought((await at.depart(thief, "local")).body.url, "mal")
      assert.deepStrictEqual((await at.comeBack(thief, { ...own, code: stolen.code })).body, uniform)
    })

    it("O4 sends people back to the node's own origins, and nowhere else", async () => {
      const key = await newClientKey()
      const { body } = await at.depart(key, "local", {
        returnTo: "https://evil.example",
        redirect_uri: "https://evil.example"
      })
      const port = Number(new URL(world.node.origin).port)
      assert.include(originsOf({ host: "127.0.0.1", port, publicOrigin: "" }), world.node.origin)
      const asked = new URL(body.url).searchParams
      assert.strictEqual(asked.get("redirect_uri"), redirectOf(world.node.origin, "local"))
      assert.notInclude(body.url, "evil")
      assert.deepInclude(Object.fromEntries(asked), { code_challenge_method: "S256", response_type: "code" })
      for (
        const origin of ["https://evil.example", `${world.node.origin}.evil.example`, `${world.node.origin}/x`, ""]
      ) {
        assert.strictEqual((await at.depart(key, "local", { origin })).status, 401, origin)
      }
    })

    it("P1 takes no ID token of another issuer, audience, nonce, time, key or algorithm", async () => {
      const { hostile } = world
      const lea = await at.join("lea")
      const answered = async (make: (nonce: string) => Promise<string> | undefined, back: object = {}) => {
        const url = new URL(await at.beginLink(lea, "hostile"))
        const idToken = await make(url.searchParams.get("nonce")!)
        hostile.answer(200, {
          access_token: "x",
          token_type: "bearer",
          ...idToken === undefined ? {} : { id_token: idToken }
        })
        const state = url.searchParams.get("state")
        return at.finishLink(lea, { ...at.visit("hostile"), code: "c", state, iss: hostile.issuer, ...back })
      }
      const now = Math.floor(Date.now() / 1_000)
      const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
      const bare = (nonce: string) => ({
        iss: hostile.issuer,
        aud: "vivim",
        sub: "mallory",
        nonce,
        iat: now,
        exp: now + 300
      })
      const wrong: Readonly<Record<string, (nonce: string) => Promise<string> | undefined>> = {
        "no token": () => undefined,
        "another nonce": () => hostile.idToken({ nonce: "another" }),
        "no nonce": () => hostile.idToken({}),
        "another audience": (nonce) => hostile.idToken({ nonce, aud: "another" }),
        "another audience beside ours": (nonce) => hostile.idToken({ nonce, aud: ["vivim", "x"], azp: "x" }),
        "another issuer": (nonce) => hostile.idToken({ nonce, iss: "https://evil.example" }),
        "out of date": (nonce) => hostile.idToken({ nonce, iat: now - 600, exp: now - 300 }),
        "no subject": (nonce) => hostile.idToken({ nonce, sub: "" }),
        "another key": (nonce) => hostile.idToken({ nonce }, world.wrongName.privateKey),
        "a secret both have": (nonce) => hostile.idToken({ nonce }, new TextEncoder().encode(clientSecret), "HS256"),
        "the public key as a secret": async (nonce) =>
          hostile.idToken({ nonce }, new TextEncoder().encode(await exportSPKI(hostile.publicKey)), "HS256"),
        "no algorithm": (nonce) => Promise.resolve(`${b64({ alg: "none" })}.${b64(bare(nonce))}.`),
        "no signature": (nonce) => Promise.resolve(`${b64({ alg: "RS256", kid: "one" })}.${b64(bare(nonce))}.`)
      }
      for (const [what, make] of Object.entries(wrong)) {
        assert.deepStrictEqual((await answered(make)).body, uniform, what)
      }
      const good = (nonce: string) => hostile.idToken({ nonce })
      assert.deepStrictEqual((await answered(good, { iss: "https://evil.example" })).body, uniform, "a mix-up")
      assert.deepStrictEqual((await answered(good, { iss: undefined })).body, uniform, "it names itself always")
      const fine = await answered(good)
      assert.strictEqual(fine.body.name, "Hostile · …lory", fine.text)
      const verifiers = hostile.asked.map((body) => body.get("code_verifier"))
      assert.strictEqual(new Set(verifiers).size, verifiers.length)
      assert.isTrue(verifiers.every((verifier) => /^[A-Za-z0-9_-]{43}$/.test(verifier ?? "")))
      world.wrongName.call("https://accounts.google.com")
      assert.strictEqual((await at.depart(lea.key, "wrong")).status, 503, "it is not who it was named")
    })

    it("P3 a provider that does not answer is weather, and nobody's session", async () => {
      const key = await newClientKey()
      assert.deepInclude((await at.depart(key, "nobody")).body, { _tag: "Unavailable" })
      world.hostile.answer(503, { error: "temporarily_unavailable" })
      const { body: { url } } = await at.depart(key, "hostile")
      const state = new URL(url).searchParams.get("state")
      const returned = { ...at.visit("hostile"), code: "c", state, iss: world.hostile.issuer }
      assert.strictEqual((await at.comeBack(key, returned)).status, 503)
    })

    it("D6 counts each door by address", async () => {
      for (const path of ["/sign-in/provider", "/sign-in/provider/return"]) {
        const url = `${world.node.origin}/api/v1${path}`
        const statuses = new Set<number>()
        for (let n = 0; n < 500 && !statuses.has(429); n++) statuses.add((await ask(url, "POST", {})).status)
        assert.deepStrictEqual([...statuses], [400, 429], path)
      }
    })
  })
