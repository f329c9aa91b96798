/** One source file as the inspector sees it: what it imports and exports, and its syntax tree. */
import { parseSync } from "oxc-parser"

/** A node of the syntax tree (ESTree with TypeScript). */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export interface Import {
  readonly to: string
  /** Gone when the program runs. */
  readonly typeOnly: boolean
  /** The name of `import * as Name`. */
  readonly namespace: string | undefined
}

export interface Module {
  readonly file: string
  readonly text: string
  readonly program: Node
  readonly comments: ReadonlyArray<{ readonly start: number; readonly end: number; readonly value: string }>
  readonly imports: ReadonlyArray<Import>
  /** The names it exports, each once; `default` and `*` count as names. */
  readonly exports: ReadonlyArray<string>
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

/** Every node below this one, itself first. */
const walk = (node: unknown, visit: (node: Node) => void): void => {
  if (Array.isArray(node)) return node.forEach((one) => walk(one, visit))
  if (!isNode(node)) return
  visit(node)
  for (const part of Object.values(node)) if (typeof part === "object") walk(part, visit)
}

const indexes = new WeakMap<Module, ReadonlyMap<string, ReadonlyArray<Node>>>()

const indexOf = (module: Module): ReadonlyMap<string, ReadonlyArray<Node>> => {
  const known = indexes.get(module)
  if (known !== undefined) return known
  const byType = new Map<string, Array<Node>>()
  walk(module.program, (node) => {
    const same = byType.get(node.type)
    if (same === undefined) byType.set(node.type, [node])
    else same.push(node)
  })
  indexes.set(module, byType)
  return byType
}

/** Every node of a type. The tree is walked once, however many rules ask. */
export const nodesOf = (module: Module, type: string): ReadonlyArray<Node> => indexOf(module).get(type) ?? []

/** The line a node starts on, counted from 1. */
export const lineOf = (module: Module, node: { readonly start: number }): number =>
  module.text.slice(0, node.start).split("\n").length

/** The text of a string literal, or of a template up to its first hole. */
export const textOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  if (node.type === "Literal") return typeof node["value"] === "string" ? node["value"] : undefined
  if (node.type !== "TemplateLiteral") return undefined
  const [head] = node["quasis"] as ReadonlyArray<{ readonly value: { readonly cooked: string } }>
  return head?.value.cooked
}

/** `it.effect.skip` as `["it", "effect", "skip"]`; calls on the way (`it.skipIf(x)`) are looked through. */
export const chainOf = (callee: unknown): ReadonlyArray<string> => {
  if (!isNode(callee)) return []
  if (callee.type === "Identifier") return [String(callee["name"])]
  if (callee.type === "CallExpression") return chainOf(callee["callee"])
  if (callee.type !== "MemberExpression") return []
  const property = callee["property"] as Node
  return [
    ...chainOf(callee["object"]),
    property.type === "Identifier" ? String(property["name"]) : textOf(property) ?? "?"
  ]
}

/** What the types alone import: `import("x").Y`. */
const importedByTypes = (program: Node): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  walk(program, (node) => {
    const to = node.type === "TSImportType" ? textOf(node["source"]) : undefined
    if (to !== undefined) found.push({ to, typeOnly: true, namespace: undefined })
  })
  return found
}

/** What is imported while the program runs, where the name stands in the text: `import("x")`. */
const importedLater = (program: Node): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  walk(program, (node) => {
    const to = node.type === "ImportExpression" ? textOf(node["source"]) : undefined
    if (to !== undefined) found.push({ to, typeOnly: false, namespace: undefined })
  })
  return found
}

export const parse = (file: string, text: string): Module => {
  const { comments, errors, module, program } = parseSync(file, text)
  const first = errors[0]
  if (first !== undefined) throw new Error(`${file}: ${first.message}`)
  const tree = program as unknown as Node
  const exported = module.staticExports.flatMap(({ entries }) => entries)
  return {
    file,
    text,
    program: tree,
    comments,
    imports: [
      ...module.staticImports.map(({ entries, moduleRequest }) => ({
        to: moduleRequest.value,
        typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
        namespace: entries.find(({ importName }) => importName.kind === "NamespaceObject")?.localName.value
      })),
      ...exported.flatMap(({ isType, moduleRequest }) =>
        moduleRequest === null ? [] : [{ to: moduleRequest.value, typeOnly: isType, namespace: undefined }]
      ),
      ...importedLater(tree),
      ...importedByTypes(tree)
    ],
    exports: [
      ...new Set(exported.map(({ exportName }) => exportName.name ?? (exportName.kind === "Default" ? "default" : "*")))
    ]
  }
}
