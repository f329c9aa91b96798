/** The promises of `DeviceCode.ts`. */
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import type { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import * as DeviceCode from "./DeviceCode.ts"

const bytes = (length: number, from: number) => Uint8Array.from({ length }, (_, at) => (at * 7 + from) % 256)
const device = { key: bytes(32, 1), next: bytes(32, 2), kem: bytes(1_216, 3) }

const run = <A, E>(work: Effect.Effect<A, E, Effect.Effect.Context<ReturnType<typeof DeviceCode.read>>>) =>
  Effect.runPromise(Effect.provide(work, ReferenceCryptoSuite.layer))

const isRefused = async (code: string) =>
  assert.strictEqual((await run(Effect.flip(DeviceCode.read(code))))._tag, "CodeRefused")

describe("the code of a device", () => {
  it("P1 reads the code that was shown, spaces or not, and no other", async () => {
    const code = await run(DeviceCode.write(device))
    assert.deepStrictEqual(await run(DeviceCode.read(code)), device)
    assert.deepStrictEqual(await run(DeviceCode.read(` ${code.slice(0, 700)}\n${code.slice(700)} `)), device)
    await isRefused("")
    await isRefused("not a code")
    await isRefused(code.slice(1))
    await isRefused(code.slice(0, -4))
    await isRefused(code + code)
    await isRefused((code[0] === "A" ? "B" : "A") + code.slice(1))
    await isRefused(`${code.slice(0, 900)}${code[900] === "x" ? "y" : "x"}${code.slice(901)}`)
  })

  it("P2 compares keys and account alike on both sides, and differently when either differs", async () => {
    const of = (did: string, shown: DeviceCode.Public) => Effect.runPromise(DeviceCode.comparison(did as Did, shown))
    const shown = await of("did:vivim:a", device)
    assert.match(shown, /^[0-9A-Z]{3} [0-9A-Z]{3}$/)
    assert.strictEqual(await of("did:vivim:a", { ...device }), shown)
    assert.notStrictEqual(await of("did:vivim:b", device), shown)
    for (const part of ["key", "next", "kem"] as const) {
      const altered = { ...device, [part]: bytes(device[part].length, 9) }
      assert.notStrictEqual(await of("did:vivim:a", altered), shown)
    }
  })
})
