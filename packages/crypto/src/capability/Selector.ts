/**
 * Where a statement of the policy language looks: a path into what is asked, or into what the verifier knows about the asking.
 *
 * `.`, `.key`, `.["any key"]`, `[2]`, `[-1]`, `[1:3]`, `[]` (all values), each with `?` behind it for "null where there is none";
 * `$env` in front leads into the environment, which the verifier alone fills. Source: UCAN delegation 1.0, "Selectors".
 *
 * L1  A selector finds what stands there, and says when nothing does; what an object inherits is never found.
 */

type Step =
  & { readonly optional: boolean }
  & (
    | { readonly _tag: "Key"; readonly key: string }
    | { readonly _tag: "Index"; readonly index: number }
    | { readonly _tag: "Slice"; readonly from: number; readonly to: number }
    | { readonly _tag: "Values" }
  )

export interface Selector {
  readonly root: "args" | "env"
  readonly steps: ReadonlyArray<Step>
}

/** What a statement is asked about; inside `any` and `all` the `args` are one element. */
export interface Scene {
  readonly args: unknown
  readonly env: unknown
}

const LENGTH_MAX = 256
const token = /\.?\[(?:("(?:[^"\\]|\\.)*")|(-?\d{1,9})?(:)?(-?\d{1,9})?)\](\??)|\.([A-Za-z_][A-Za-z0-9_$-]*)(\??)/y

const stepOf = (match: RegExpExecArray): Step | null => {
  const [, quoted, from, colon, to, afterBracket, name, afterName] = match
  const optional = (afterBracket ?? afterName) === "?"
  if (name !== undefined) return { _tag: "Key", key: name, optional }
  if (quoted !== undefined) return { _tag: "Key", key: JSON.parse(quoted), optional }
  if (colon !== undefined) {
    return { _tag: "Slice", from: Number(from ?? 0), to: to === undefined ? Infinity : Number(to), optional }
  }
  // `[12` and `34]` cannot stand beside each other without a colon: the second number is only read behind one.
  if (to !== undefined) return null
  return from === undefined ? { _tag: "Values", optional } : { _tag: "Index", index: Number(from), optional }
}

/** The selector a text says, or null. */
export const parse = (text: unknown): Selector | null => {
  if (typeof text !== "string" || text.length > LENGTH_MAX) return null
  const root = text.startsWith("$env") ? "env" : "args"
  const path = root === "env" ? text.slice(4) : text
  if (path === "." || (path === "" && root === "env")) return { root, steps: [] }
  const steps: Array<Step> = []
  token.lastIndex = 0
  for (let at = 0; at < path.length; at = token.lastIndex) {
    let step: Step | null
    try {
      const match = token.exec(path)
      step = match === null ? null : stepOf(match)
    } catch {
      step = null
    }
    if (step === null || token.lastIndex <= at) return null
    steps.push(step)
  }
  return path.startsWith(".") || root === "env" ? { root, steps } : null
}

const isList = (value: unknown): value is ReadonlyArray<unknown> | Uint8Array =>
  Array.isArray(value) || value instanceof Uint8Array

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !isList(value)

/** The values of a list or a map; null for anything else. */
export const valuesOf = (value: unknown): ReadonlyArray<unknown> | null =>
  Array.isArray(value) ? value : value instanceof Uint8Array ? [...value] : isMap(value) ? Object.values(value) : null

const follow = (step: Step, value: unknown): unknown => {
  switch (step._tag) {
    case "Key":
      return isMap(value) && Object.hasOwn(value, step.key) ? value[step.key] : undefined
    case "Index":
      return isList(value) ? value[step.index < 0 ? value.length + step.index : step.index] : undefined
    case "Slice":
      return isList(value) || typeof value === "string" ? value.slice(step.from, step.to) : undefined
    case "Values":
      return valuesOf(value) ?? undefined
  }
}

/** What stands there; undefined when nothing does. */
export const select = ({ root, steps }: Selector, scene: Scene): unknown => {
  let value = scene[root]
  for (const step of steps) {
    value = follow(step, value)
    if (value !== undefined) continue
    return step.optional ? null : undefined
  }
  return value
}
