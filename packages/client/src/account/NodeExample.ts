/** A node that is nothing but its doors for accounts, in memory: what a real one keeps and refuses of logs, by the same law. For tests. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { KeyWrap } from "@vivim/contract/Identity"
import { WrapsBehind } from "@vivim/contract/User"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Operation from "@vivim/crypto/did/Operation"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import type { Did } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Stream from "effect/Stream"
import { decode } from "../NodeRefused.ts"
import { NodeSession } from "../NodeSession.ts"
import type { SessionCalls } from "./MasterKeys.ts"

interface Kept {
  readonly operations: Array<Uint8Array>
  log: IdentityLog.IdentityLog | null
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")

const bytesOf = (text: string) => Effect.runSync(Encoding.decodeBase64Url(text))

/** What a session of any account would keep: one account is at home here at a time. */
const callsOf = (wraps: Array<KeyWrap>, names: Map<string, string>) =>
  ({
    KeepKeyWraps: (asked: any) =>
      Effect.suspend(() => {
        const generation = Math.max(0, ...wraps.map((wrap) => wrap.generation))
        if (asked.fresh === true && asked.generation !== generation + 1) {
          return Effect.fail(new WrapsBehind({ generation }))
        }
        for (const wrap of asked.wraps) {
          const now = new KeyWrap({ ...wrap, generation: asked.generation, keptAt: 0 })
          const at = wraps.findIndex((one) => one.deviceId === now.deviceId && one.generation === now.generation)
          wraps.splice(at < 0 ? wraps.length : at, 1, now)
        }
        return Effect.void
      }),
    NameDevice: (asked: any) => Effect.sync(() => void names.set(asked.deviceId, asked.name)),
    WatchKeyWraps: () => Stream.make(wraps)
  }) as unknown as SessionCalls

/** The newest master key sealed to the kit. */
const kitWrap = (wraps: ReadonlyArray<KeyWrap>) => {
  const wrap = wraps.findLast(({ deviceId }) => deviceId === null)
  return wrap === undefined
    ? { status: 404, json: { _tag: "NoSuchIdentity" } }
    : { status: 200, json: { ...wrap, sealed: Encoding.encodeBase64Url(wrap.sealed) } }
}

export const make = () => {
  const accounts = new Map<string, Kept>()
  const keys = new Map<string, Uint8Array>()
  const wraps: Array<KeyWrap> = []
  const names = new Map<string, string>()
  /** What is not as it should be, where a test wants it so. */
  const trouble = { isLocked: false, losesAnswers: false }

  const take = (did: Did, kept: Kept, given: any, at: number) => {
    const operation = bytesOf(given.operation)
    if (trouble.isLocked && given.storeKey === undefined) return { status: 423, json: { _tag: "VaultLocked" } }
    trouble.isLocked = false
    const verdict = IdentityLog.check(did, kept.log, operation, { verify: Ed25519.verify, now: { at, skewMs: 1_000 } })
    if (verdict._tag === "Refused") return { status: 409, json: { _tag: "OperationRefused", reason: verdict.reason } }
    for (const key of given.kemKeys.map(bytesOf)) keys.set(hex(Operation.hashOf(key)), key)
    kept.operations.push(operation)
    kept.log = verdict.log
    accounts.set(did, kept)
    return { status: 200, json: {} }
  }

  const answer = (path: string, body: any, at: number): { readonly status: number; readonly json: unknown } => {
    const did = path.split("/")[4] as Did
    const kept = accounts.get(did)
    if (kept === undefined) return { status: 404, json: { _tag: "NoSuchIdentity", message: "no" } }
    if (path.endsWith("/kit")) return kitWrap(wraps)
    return body === null
      ? { status: 200, json: { did, operations: kept.operations.map((bytes) => Encoding.encodeBase64Url(bytes)) } }
      : take(did, kept, body, at)
  }

  const client = HttpClient.make((request, url) =>
    Effect.map(Clock.currentTimeMillis, (at) => {
      const path = decodeURIComponent(url.pathname)
      const key = keys.get(path.split("/keys/")[1] ?? "")
      if (key !== undefined) return HttpClientResponse.fromWeb(request, new Response(Uint8Array.from(key)))
      const body = request.body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(request.body.body)) : null
      const { json, status } = answer(path, body, at)
      return HttpClientResponse.fromWeb(request, new Response(JSON.stringify(json), { status }))
    })
  )

  const away = () => Effect.die("this node keeps no sessions")
  const session = NodeSession.of({
    origin: "https://node.example",
    signUp: ({ userId }, { genesis }) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) => {
        const given = {
          operation: Encoding.encodeBase64Url(genesis!.operation),
          kemKeys: genesis!.kemKeys.map((key) => Encoding.encodeBase64Url(key))
        }
        const { json, status } = take(userId, accounts.get(userId) ?? { operations: [], log: null }, given, at)
        return status === 200 && !trouble.losesAnswers
          ? Effect.void
          : Effect.flatMap(Effect.orDie(decode(json)), Effect.fail)
      }),
    signIn: () => Effect.sync(() => ({}) as never),
    askPasskey: away,
    signInByPasskey: away,
    current: away(),
    headers: away,
    confirm: away,
    forget: Effect.void
  })

  return { accounts, keys, wraps, names, trouble, client, session, calls: callsOf(wraps, names) }
}
