/**
 * Says fast whether a value already is what a schema describes: for the plain schemas events are made of, compiled to closures.
 * A yes means decoding or encoding would give the same value; a no means ask the schema itself, which says what is wrong.
 *
 * G1  A yes is always right: the schema accepts the value, and gives it back as it is.
 * G2  What is plain and valid gets a yes.
 */
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

type Guard = (value: unknown) => boolean

/** Raised while compiling: the schema transforms or describes something this page does not know. */
class NotPlain extends Error {}

const object = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

const compile = (ast: AST.AST): Guard => {
  switch (ast._tag) {
    case "StringKeyword":
      return Predicate.isString
    case "NumberKeyword":
      return Predicate.isNumber
    case "BooleanKeyword":
      return Predicate.isBoolean
    case "UndefinedKeyword":
      return Predicate.isUndefined
    case "Literal":
      return (value) => value === ast.literal
    case "Refinement": {
      const from = compile(ast.from)
      return (value) => from(value) && Option.isNone(ast.filter(value, AST.defaultParseOption, ast))
    }
    case "TypeLiteral":
      return compileStruct(ast)
    case "TupleType":
      return compileArray(ast)
    case "Union":
      return compileUnion(ast)
    case "Declaration":
      if (ast === Schema.Uint8ArrayFromSelf.ast) return Predicate.isUint8Array
      throw new NotPlain(ast._tag)
    default:
      throw new NotPlain(ast._tag)
  }
}

/** Exactly the fields described: anything beside them is the schema's to drop. */
const compileStruct = (ast: AST.TypeLiteral): Guard => {
  if (ast.indexSignatures.length > 0) throw new NotPlain("index signature")
  const fields = ast.propertySignatures.map(({ isOptional, name, type }) => {
    if (isOptional || typeof name !== "string") throw new NotPlain(String(name))
    return [name, compile(type)] as const
  })
  return (value) => {
    if (!object(value)) return false
    for (const [name, guard] of fields) if (!(name in value) || !guard(value[name])) return false
    return Object.keys(value).length === fields.length
  }
}

const compileArray = (ast: AST.TupleType): Guard => {
  const [rest, ...more] = ast.rest
  if (ast.elements.length > 0 || rest === undefined || more.length > 0) throw new NotPlain("tuple")
  const guard = compile(rest.type)
  return (value) => Array.isArray(value) && value.every(guard)
}

/** Tagged members are told apart by their tag; others are tried in turn. */
const compileUnion = (ast: AST.Union): Guard => {
  const guards = ast.types.map(compile)
  const tags = ast.types.map(tagOf)
  if (tags.some((tag) => tag === undefined)) return (value) => guards.some((guard) => guard(value))
  const byTag = new Map(tags.map((tag, i) => [tag, guards[i]!]))
  return (value) => object(value) && byTag.get(value["_tag"])?.(value) === true
}

const tagOf = (ast: AST.AST): unknown => {
  const tag = ast._tag === "TypeLiteral" ? ast.propertySignatures.find(({ name }) => name === "_tag")?.type : undefined
  return tag?._tag === "Literal" ? tag.literal : undefined
}

/** The guard of a schema; one that never says yes for a schema that is not plain. */
export const of = (schema: Schema.Schema.All): Guard => {
  try {
    return compile(schema.ast)
  } catch (cause) {
    if (cause instanceof NotPlain) return () => false
    throw cause
  }
}
