/** What is true of every call a node answers, whatever it is about. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Rpc from "@effect/rpc/Rpc"
import * as RpcSchema from "@effect/rpc/RpcSchema"
import * as Arbitrary from "effect/Arbitrary"
import * as Context from "effect/Context"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import { assert, describe, it } from "vitest"
import { RestRoute } from "./Call.ts"
import { CircleCommands } from "./Circle.ts"
import { DocumentCommands } from "./Document.ts"
import { HandleCommands } from "./Handle.ts"
import { ImportCommands } from "./Import.ts"
import { PeerCommands } from "./Peer.ts"
import { calls, RestApi } from "./Rest.ts"
import { Needs } from "./Session.ts"
import { UserCommands } from "./User.ts"
import { Vivim } from "./Vivim.ts"

const commandGroups = [CircleCommands, DocumentCommands, HandleCommands, ImportCommands, PeerCommands, UserCommands]
const commands = commandGroups.flatMap((group) => [...group.requests.values()]) as ReadonlyArray<any>
const everyCall = new Map<string, any>([...Vivim.requests.values(), ...commands].map((rpc) => [rpc._tag, rpc]))

/** What a call has left unsaid of itself. */
const unsaid = (rpc: any): ReadonlyArray<string> =>
  ([["address", RestRoute], ["needs", Needs]] as const)
    .filter(([, tag]) => Option.isNone(Context.getOption(rpc.annotations, tag as never))).map(([what]) => what)

const fieldsOf = (rpc: any): Record<string, Schema.Schema.All> => rpc.payloadSchema.fields
const tagsOf = (schema: any): ReadonlyArray<string> =>
  "members" in schema ? schema.members.flatMap(tagsOf) : schema._tag === undefined ? [] : [schema._tag]
const refusalsOf = (rpc: any) =>
  tagsOf(Option.match(RpcSchema.getStreamSchemas(rpc.successSchema.ast), {
    onNone: () => rpc.errorSchema,
    onSome: ({ failure }) => failure
  }))

const endpoints = (RestApi as any).groups.vivim.endpoints as Readonly<Record<string, any>>
const schemasOf = (
  tag: string
): Readonly<Record<"path" | "query" | "body", Option.Option<Schema.Schema<any, any>>>> => ({
  path: endpoints[tag].pathSchema,
  query: endpoints[tag].urlParamsSchema,
  body: endpoints[tag].payloadSchema
})

describe("every call", () => {
  it.each([...everyCall])(
    "%s says where it stands and what its caller must be",
    (_, rpc) => assert.deepStrictEqual(unsaid(rpc), [])
  )

  it("a call that says nothing of itself is found out", () =>
    assert.deepStrictEqual(unsaid(Rpc.make("Bare", { payload: {} })), ["address", "needs"]))

  it.each([...everyCall])("%s names each of its refusals once, and may be unavailable", (_, rpc) => {
    const refusals = refusalsOf(rpc)
    assert.lengthOf(new Set(refusals), refusals.length)
    assert.include(refusals, "Unavailable")
  })

  it.each(commands.map((rpc) => [rpc._tag, rpc] as const))(
    "the command %s has an id, a receipt, and can be refused",
    (_, rpc) => {
      assert.isTrue("commandId" in fieldsOf(rpc))
      assert.includeMembers([...refusalsOf(rpc)], ["NotAllowed", "LimitExceeded", "Unavailable"])
      assert.includeMembers(Object.keys(rpc.successSchema.fields), ["stream", "version", "position"])
    }
  )

  it("what the operators alone may ask is what is about the node", () => {
    const operators = [...Vivim.requests.values()].filter((rpc: any) =>
      Context.unsafeGet(rpc.annotations, Needs) === "operator"
    )
    assert.includeMembers(operators.map(({ _tag }) => _tag), [
      "ReadEvents",
      "AuditLog",
      "RebuildView",
      "BlockPeer",
      "WatchPeers"
    ])
    assert.notIncludeMembers(operators.map(({ _tag }) => _tag), ["WatchLibrary"])
  })
})

/** What the platform does to a query string before it decodes it: a list of one comes as its one value. */
const normalized: (params: object, ast: AST.AST) => unknown = (HttpApiBuilder as any).normalizeUrlParams

/** A query string as it leaves a client and comes to the node: an empty list is not in it. */
const asQuery = (written: Readonly<Record<string, string | ReadonlyArray<string>>>) => {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(written)) {
    for (const one of [value].flat()) params.append(name, one)
  }
  return HttpServerRequest.searchParamsFromURL(new URL(`http://node/?${params}`))
}

const pick = (payload: object, fields: object) =>
  Object.fromEntries(Object.entries(payload).filter(([name, value]) => name in fields && value !== undefined))

describe("the REST face of every call", () => {
  it.each(calls)("T2 every field of $tag has one place: path, query or body", ({ pathFields, route, rpc, tag }) => {
    const places = Object.entries(schemasOf(tag)).flatMap(([place, schema]) =>
      Option.match(schema, { onNone: () => [], onSome: (struct: any) => Object.keys(struct.fields) })
        .map((name) => [name, place] as const)
    )
    assert.sameMembers(places.map(([name]) => name), Object.keys(fieldsOf(rpc)))
    for (const [name, place] of places) {
      assert.strictEqual(place, pathFields.includes(name) ? "path" : route.method === "GET" ? "query" : "body", name)
    }
    assert.includeMembers(Object.keys(fieldsOf(rpc)), [...pathFields])
  })

  it.each(calls.filter(({ rpc }) => Object.keys(fieldsOf(rpc)).length > 0))(
    "T2 whatever $tag may be asked can be written as text, and is read as it was",
    ({ rpc, tag }) => {
      const payloads = Arbitrary.make(rpc.payloadSchema as unknown as Schema.Schema<any, any>)
      FastCheck.assert(
        FastCheck.property(payloads, (payload) => {
          for (const [place, schema] of Object.entries(schemasOf(tag))) {
            if (Option.isNone(schema)) continue
            const given = pick(payload, (schema.value as any).fields)
            const written = JSON.parse(JSON.stringify(Schema.encodeSync(schema.value)(given)))
            if (place === "path") { for (const text of Object.values(written)) assert.isString(text) }
            if (place === "query") {
              FastCheck.pre(Object.values(given).every((value) => !Array.isArray(value) || value.length > 0))
              const came = normalized(asQuery(written), schema.value.ast)
              assert.deepStrictEqual(Schema.decodeUnknownSync(schema.value)(came), given)
            } else assert.deepStrictEqual(Schema.decodeUnknownSync(schema.value)(written), given)
          }
        }),
        { numRuns: 20 }
      )
    }
  )
})
