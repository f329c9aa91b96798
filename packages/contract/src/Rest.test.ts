/** The REST face against the calls it is derived from. */
import * as OpenApi from "@effect/platform/OpenApi"
import * as Context from "effect/Context"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { RestRoute } from "./Call.ts"
import { calls, RestApi } from "./Rest.ts"
import { Needs } from "./Session.ts"
import { Vivim } from "./Vivim.ts"

interface Endpoint {
  readonly pathSchema: Option.Option<Schema.Schema<any, any>>
  readonly urlParamsSchema: Option.Option<Schema.Schema<any, any>>
  readonly payloadSchema: Option.Option<Schema.Schema<any, any>>
}

const endpoints = (RestApi as any).groups.vivim.endpoints as Readonly<Record<string, Endpoint>>
const endpoint = (tag: string): Endpoint => endpoints[tag] ?? assert.fail(`no endpoint ${tag}`)
const fieldsOf = (schema: Option.Option<Schema.Schema<any, any>>) =>
  Option.match(schema, { onNone: () => [], onSome: (struct) => Object.keys((struct as any).fields) })
const decode = (schema: Option.Option<Schema.Schema<any, any>>, value: unknown) =>
  Schema.decodeUnknownEither(Option.getOrThrow(schema))(value)

describe("Rest", () => {
  it("T1 every call says where it stands and what it needs", () => {
    for (const rpc of Vivim.requests.values()) {
      const annotations = (rpc as any).annotations as Context.Context<never>
      assert.isTrue(Option.isSome(Context.getOption(annotations, RestRoute as never)), `${rpc._tag} has no address`)
      assert.isTrue(
        Option.isSome(Context.getOption(annotations, Needs as never)),
        `${rpc._tag} does not say what it needs`
      )
    }
  })

  it("T1 no two calls share an address, and OpenAPI describes each", () => {
    const addresses = calls.map(({ route }) => `${route.method} ${route.path.replaceAll(/:\w+/g, ":")}`)
    assert.lengthOf(addresses, Vivim.requests.size)
    assert.strictEqual(new Set(addresses).size, addresses.length, String(addresses.toSorted()))
    const { paths } = OpenApi.fromApi(RestApi as never)
    for (const { route } of calls) {
      const at = `/api/v1${route.path.replaceAll(/:(\w+)/g, "{$1}")}`
      assert.property(paths[at], route.method.toLowerCase(), at)
    }
  })

  it("T2 fields of the path come from the path, all others from the body", () => {
    const { pathSchema, payloadSchema, urlParamsSchema } = endpoint("RemoveMember")
    assert.deepStrictEqual(fieldsOf(pathSchema), ["circleId", "member"])
    assert.deepStrictEqual(fieldsOf(payloadSchema), ["commandId"])
    assert.deepStrictEqual(fieldsOf(urlParamsSchema), [])
  })

  it("T2 a GET takes its fields from the query string, as the types they are", () => {
    const { payloadSchema, urlParamsSchema } = endpoint("ReadEvents")
    assert.isTrue(Option.isNone(payloadSchema))
    const decoded = decode(urlParamsSchema, {
      types: ["circle.*", "user.UserRegistered"],
      after: "12",
      follow: "true",
      stream: "circle/tea"
    })
    assert.deepStrictEqual(Either.getOrThrow(decoded), {
      types: ["circle.*", "user.UserRegistered"],
      after: 12,
      follow: true,
      stream: "circle/tea"
    })
    assert.isTrue(Either.isLeft(decode(urlParamsSchema, { after: "twelve" })))
    assert.isTrue(Either.isLeft(decode(urlParamsSchema, { limit: "0" })))
  })

  it("T3 a list is a repeated parameter, and OpenAPI says so", () => {
    const list = { types: ["circle.*", "a,b", ""] }
    assert.deepStrictEqual(Either.getOrThrow(decode(endpoint("ReadEvents").urlParamsSchema, list)), list)
    const { paths } = OpenApi.fromApi(RestApi as never)
    const types = paths["/api/v1/events"]!.get!.parameters.find(({ name }) => name === "types")
    // `style: form` and `explode: true` are what a query parameter is unless it says otherwise.
    assert.deepInclude(types, { in: "query", required: false, schema: { type: "array", items: { type: "string" } } })
  })
})
