/**
 * The REST face, derived: every call of the contract under `/api/v1`, with its own schemas, described by OpenAPI.
 * Nothing is declared here a second time: method, path and summary are the call's `RestRoute`.
 *
 * T1  Every call has a REST address, and no two share one.
 * T2  Fields named in the path come from the path; those of a GET from the query string; all others from the JSON body.
 * T3  A list in a query string is a parameter said once for each of its values: `?types=a&types=b`. A value may hold anything.
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import type * as Rpc from "@effect/rpc/Rpc"
import * as RpcSchema from "@effect/rpc/RpcSchema"
import { CommandId } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { RestRoute, type Route } from "./Call.ts"
import { Turned } from "./Session.ts"
import { Vivim } from "./Vivim.ts"

export interface RestCall {
  readonly tag: string
  readonly route: Route
  readonly rpc: Rpc.AnyWithProps
  readonly pathFields: ReadonlyArray<string>
}

const pathFields = (path: string) => [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!)

/** Every call with its REST address. */
export const calls: ReadonlyArray<RestCall> = [...Vivim.requests.values()].map((request) => {
  const rpc = request as unknown as Rpc.AnyWithProps
  const route = Context.get(rpc.annotations as Context.Context<RestRoute>, RestRoute)
  return { tag: rpc._tag, route, rpc, pathFields: pathFields(route.path) }
})

/** The HTTP status of the refusals any call may answer with, by their tag. */
export const statusOf: Readonly<Record<string, number>> = {
  NotSignedIn: 401,
  NotAllowed: 403,
  AccountNotActive: 403,
  // RFC 9470, 3: who is asking is known, but not surely enough.
  StepUpNeeded: 401,
  TooManyRequests: 429,
  LimitExceeded: 413,
  VaultLocked: 423,
  Unavailable: 503
}
const status = (tag: string) => statusOf[tag] ?? (tag.startsWith("NoSuch") ? 404 : 409)

/** The members of a union of refusals, one by one: each has a status of its own. */
const members = (schema: Schema.Schema.All): ReadonlyArray<Schema.Schema.All> =>
  "members" in schema ? (schema.members as ReadonlyArray<Schema.Schema.All>).flatMap(members) : [schema]
const tagOf = (schema: Schema.Schema.All): string | undefined => (schema as { readonly _tag?: string })._tag

/** How a field is written in a path or a query string. Lists stay lists: their parameter is said again for each value. */
const fromText = (field: Schema.Schema.All | Schema.PropertySignature.All): any => {
  const inner = "from" in field && Schema.isSchema(field.from) && !Schema.isSchema(field) ? field.from : field
  const optional = !Schema.isSchema(field)
  const schema = inner as Schema.Schema<any, any>
  const kind = kindOf(AST.encodedBoundAST(schema.ast))
  const text = kind === "number"
    ? Schema.compose(Schema.NumberFromString, schema)
    : kind === "boolean"
    ? Schema.compose(Schema.BooleanFromString, schema)
    : schema
  return optional ? Schema.optional(text as Schema.Schema<any, any>) : text
}

const kindOf = (ast: AST.AST): "number" | "boolean" | "text" => {
  switch (ast._tag) {
    case "NumberKeyword":
      return "number"
    case "BooleanKeyword":
      return "boolean"
    case "Refinement":
      return kindOf(ast.from)
    case "Union":
      return kindOf(ast.types.find((type) => type._tag !== "UndefinedKeyword") ?? ast.types[0]!)
    default:
      return "text"
  }
}

const endpointOf = ({ pathFields, route, rpc, tag }: RestCall): HttpApiEndpoint.HttpApiEndpoint.Any => {
  const fields = { ...(rpc.payloadSchema as unknown as { readonly fields: Schema.Struct.Fields }).fields }
  if ("commandId" in fields) fields["commandId"] = Schema.optional(CommandId)
  const pick = (keep: (name: string) => boolean, write: (field: any) => any) =>
    Schema.Struct(
      Object.fromEntries(
        Object.entries(fields).filter(([name]) => keep(name)).map(([name, field]) => [name, write(field)])
      )
    )
  const inPath = (name: string) => pathFields.includes(name)

  let endpoint: any = HttpApiEndpoint.make(route.method)(tag, route.path).annotate(OpenApi.Summary, route.summary)
  if (pathFields.length > 0) endpoint = endpoint.setPath(pick(inPath, fromText))
  if (Object.keys(fields).some((name) => !inPath(name))) {
    endpoint = route.method === "GET"
      ? endpoint.setUrlParams(pick((name) => !inPath(name), fromText))
      : endpoint.setPayload(pick((name) => !inPath(name), (field) => field))
  }
  const stream = RpcSchema.getStreamSchemas(rpc.successSchema.ast)
  endpoint = endpoint.addSuccess(
    Option.match(stream, { onNone: () => rpc.successSchema, onSome: ({ success }) => success })
  )
  const refusals = members(
    Option.match(stream, { onNone: () => rpc.errorSchema as Schema.Schema.All, onSome: ({ failure }) => failure })
  )
  const named = new Map([...members(Turned), ...refusals].flatMap((refusal) => {
    const name = tagOf(refusal as Schema.Schema.All)
    return name === undefined ? [] : [[name, refusal as Schema.Schema.Any] as const]
  }))
  for (const [name, refusal] of named) endpoint = endpoint.addError(refusal, { status: status(name) })
  return endpoint
}

const group = calls.reduce(
  (all, call) => all.add(endpointOf(call) as never),
  HttpApiGroup.make("vivim") as HttpApiGroup.HttpApiGroup.Any as any
)

/** Every call answers as JSON; `watch` calls answer what is so now. */
export const RestApi: HttpApi.HttpApi.Any = HttpApi.make("vivim")
  .add(group.prefix("/api/v1"))
  .annotate(OpenApi.Title, "VIVIM")
  .annotate(OpenApi.Version, "1")
  .annotate(
    OpenApi.Description,
    "The REST face of a VIVIM node, derived from its typed RPC contract. Send `Authorization: Bearer <token>` " +
      "with the token of who runs the node, or `Authorization: DPoP <token>` and a proof (RFC 9449) with one of a session."
  )
