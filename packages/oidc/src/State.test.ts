/** What goes along to a provider, against what others would like to come back with. */
import { open } from "@vivim/session/SessionKey"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as State from "./State.ts"

type Key = Effect.Effect.Success<ReturnType<typeof open>>
let folder: string
let key: Key
let other: Key
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-state-"))
  const made = (name: string) => Effect.runPromise(open(path.join(folder, name)))
  key = await made("one.key")
  other = await made("other.key")
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const bound: State.Bound = { purpose: "sign-in", provider: "google", origin: "https://vivim.example", bound: "a key" }

describe("a state", () => {
  it("T1 is good for what it was made for, until it expires, and for nothing else", () => {
    const { state } = State.make(key, bound, 2_000)
    assert.strictEqual(State.read(key, state, bound, 1_999)?.state, state)
    assert.isNull(State.read(key, state, bound, 2_000), "it is out of date")
    assert.isNull(State.read(other, state, bound, 1_999), "another node did not make it")
    const others: ReadonlyArray<Partial<State.Bound>> = [
      { purpose: "link" },
      { provider: "work" },
      { origin: "https://evil.example" },
      { bound: "another key" }
    ]
    for (const change of others) assert.isNull(State.read(key, state, { ...bound, ...change }, 1_999))
    assert.isNull(State.read(key, state.replace("2000.", "9000."), bound, 1_999), "its end is not put off")
    for (const text of ["", "2000.", `2000.${"A".repeat(64)}`, `${state}A`, state.slice(0, -1), `0${state}`]) {
      assert.isNull(State.read(key, text, bound, 1_999), text)
    }
  })

  it("T2 has a verifier and a nonce of its own, which are found again and are not in it", () => {
    const [one, two] = [State.make(key, bound, 2_000), State.make(key, bound, 2_000)]
    assert.deepStrictEqual(State.read(key, one.state, bound, 1_000), one)
    const secrets = [one, two].flatMap(({ nonce, verifier }) => [nonce, verifier])
    assert.strictEqual(new Set(secrets).size, 4)
    for (const secret of secrets) assert.match(secret, /^[A-Za-z0-9_-]{43}$/)
    assert.isFalse(secrets.some((secret) => one.state.includes(secret)))
  })
})
