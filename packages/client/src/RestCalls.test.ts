/** The promise of `RestCalls.ts`, against a node that answers as it is told. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { UserCommands, UserViews } from "@vivim/contract/User"
import { VaultViews } from "@vivim/contract/Vault"
import { CommandId, DeviceId, Did, DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { assert, it } from "vitest"
import { type Carrying, NodeSession } from "./NodeSession.ts"
import * as RestCalls from "./RestCalls.ts"

const session = NodeSession.of({
  origin: "https://node.example",
  headers: ({ method, url }: Carrying) => Effect.succeed([["authorization", `DPoP ${method} ${url}`]])
} as never)

interface Heard {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly body: unknown
}

const against = (status: number, json: unknown) => {
  const heard: Array<Heard> = []
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const { body, headers, method, url } = request
      const said = body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(body.body)) : undefined
      heard.push({ method, url, authorization: headers["authorization"], body: said })
      return HttpClientResponse.fromWeb(request, new Response(JSON.stringify(json), { status }))
    })
  )
  const calls = Effect.runSync(
    RestCalls.make(UserCommands.merge(UserViews, VaultViews)).pipe(
      Effect.provideService(HttpClient.HttpClient, client),
      Effect.provideService(NodeSession, session)
    )
  )
  return { calls, heard }
}

const [userId, commandId] = [Did.make("did:vivim:a"), CommandId.make("0192f6e0-0000-7000-8000-000000000000")]

it("E1 a call has its address, its question and its answer from the contract, and carries the session", () =>
  Effect.runPromise(Effect.gen(function*() {
    const { calls, heard } = against(200, { stream: "user/did:vivim:a", version: 3, position: 7 })
    const named = { commandId, userId, deviceId: DeviceId.make("z6Mk"), name: DisplayName.make("Phone") }
    assert.strictEqual((yield* calls.NameDevice(named)).position, 7)
    const url = "https://node.example/api/v1/users/did%3Avivim%3Aa/devices/z6Mk/name"
    assert.deepStrictEqual(heard, [
      { method: "PUT", url, authorization: `DPoP PUT ${url}`, body: { commandId, name: "Phone" } }
    ])
    const vault = against(200, { state: "locked" })
    assert.deepStrictEqual([...yield* Stream.runCollect(vault.calls.WatchVault({}))], [{ state: "locked" }])
    assert.isUndefined(vault.heard[0]!.body)
  })))

it("E1 it refuses as over the line, and waits for nobody", () =>
  Effect.runPromise(Effect.gen(function*() {
    const storeKey = Redacted.make(new Uint8Array(32))
    const wrong = against(409, { _tag: "WrongStoreKey", message: "another key" })
    assert.strictEqual((yield* Effect.flip(wrong.calls.UnlockVault({ storeKey })))._tag, "WrongStoreKey")
    const again = against(401, { _tag: "StepUpNeeded", means: ["device"], maxAgeMs: 1 })
    const stepUp = yield* Effect.flip(again.calls.DeleteUser({ commandId, userId }))
    assert.deepInclude(stepUp as object, { _tag: "StepUpNeeded", means: ["device"] })
    const away = yield* Effect.flip(against(502, "<html>").calls.UnlockVault({ storeKey }))
    assert.strictEqual(away._tag, "Unavailable")
  })))
