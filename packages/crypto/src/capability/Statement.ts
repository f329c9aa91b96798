/**
 * The policy language of capabilities: statements about what is asked, and about what the verifier knows of the asking.
 *
 * L2  A statement holds, does not hold, or cannot be told: where nothing stands, or things of another kind than are compared.
 *     What cannot be told never opens anything, whatever is laid around it, `not` included.
 * L3  The work is bounded by steps, never by time: the same question gets the same answer under any load.
 * L4  What is no statement of the language is refused as a whole, however deep it stands.
 *
 * Source: UCAN delegation 1.0, "Policy"; three-valued logic as Kleene's.
 */
import * as Like from "./Like.ts"
import { isSame } from "./Same.ts"
import * as Selector from "./Selector.ts"
import { Steps, StepsSpent } from "./Steps.ts"

type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">="

export type Statement =
  | { readonly op: Comparison; readonly at: Selector.Selector; readonly value: unknown }
  | { readonly op: "like"; readonly at: Selector.Selector; readonly pattern: Like.Pattern }
  | { readonly op: "and" | "or"; readonly of: ReadonlyArray<Statement> }
  | { readonly op: "not"; readonly of: Statement }
  | { readonly op: "any" | "all"; readonly at: Selector.Selector; readonly of: Statement }

/** A policy: all of its statements must hold. */
export type Policy = ReadonlyArray<Statement>

const DEPTH_MAX = 16
const STATEMENTS_MAX = 256
const comparisons: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="])

interface Parsing {
  left: number
}

const several = (given: unknown, depth: number, parsing: Parsing): ReadonlyArray<Statement> | null => {
  if (!Array.isArray(given)) return null
  const statements: Array<Statement> = []
  for (const one of given) {
    const statement = parse(one, depth, parsing)
    if (statement === null) return null
    statements.push(statement)
  }
  return statements
}

const parse = (given: unknown, depth: number, parsing: Parsing): Statement | null => {
  if (depth > DEPTH_MAX || --parsing.left < 0 || !Array.isArray(given)) return null
  const [op, first, second] = given as ReadonlyArray<unknown>
  if (op === "not" && given.length === 2) {
    const of = parse(first, depth + 1, parsing)
    return of === null ? null : { op, of }
  }
  if ((op === "and" || op === "or") && given.length === 2) {
    const of = several(first, depth + 1, parsing)
    return of === null ? null : { op, of }
  }
  const at = Selector.parse(first)
  if (at === null || given.length !== 3) return null
  if (op === "like") {
    const pattern = Like.parse(second)
    return pattern === null ? null : { op, at, pattern }
  }
  if (op === "any" || op === "all") {
    const of = parse(second, depth + 1, parsing)
    return of === null ? null : { op, at, of }
  }
  return typeof op === "string" && comparisons.has(op) ? { op: op as Comparison, at, value: second } : null
}

/** The policy these values say, or null when one of them says nothing. */
export const parsePolicy = (given: unknown): Policy | null => several(given, 0, { left: STATEMENTS_MAX })

/** True, false, or null: it cannot be told. */
type Verdict = boolean | null

const not = (verdict: Verdict): Verdict => verdict === null ? null : !verdict

/** One false makes it false; otherwise one that cannot be told makes it so. */
const conjunction = (count: number, one: (n: number) => Verdict): Verdict => {
  let verdict: Verdict = true
  for (let n = 0; n < count; n++) {
    const found = one(n)
    if (found === false) return false
    if (found === null) verdict = null
  }
  return verdict
}
const disjunction = (count: number, one: (n: number) => Verdict): Verdict => not(conjunction(count, (n) => not(one(n))))

const compare = (op: Comparison, found: unknown, value: unknown, steps: Steps): Verdict => {
  if (op === "==") return isSame(found, value, steps)
  if (op === "!=") return !isSame(found, value, steps)
  if (typeof found !== "number" || typeof value !== "number") return null
  switch (op) {
    case "<":
      return found < value
    case "<=":
      return found <= value
    case ">":
      return found > value
    case ">=":
      return found >= value
  }
}

const judge = (statement: Statement, scene: Selector.Scene, steps: Steps): Verdict => {
  steps.take(1)
  switch (statement.op) {
    case "and":
      return conjunction(statement.of.length, (n) => judge(statement.of[n]!, scene, steps))
    case "or":
      // The specification's own: where there is no choice to be made, nothing is asked.
      return statement.of.length === 0 ||
        disjunction(statement.of.length, (n) => judge(statement.of[n]!, scene, steps))
    case "not":
      return not(judge(statement.of, scene, steps))
  }
  const found = Selector.select(statement.at, scene)
  if (found === undefined) return null
  switch (statement.op) {
    case "like":
      return typeof found === "string" ? Like.matches(statement.pattern, found, steps) : null
    case "any":
    case "all": {
      const values = Selector.valuesOf(found)
      if (values === null) return null
      steps.take(values.length)
      const one = (n: number) => judge(statement.of, { args: values[n], env: scene.env }, steps)
      return statement.op === "any" ? disjunction(values.length, one) : conjunction(values.length, one)
    }
    default:
      return compare(statement.op, found, statement.value, steps)
  }
}

/** Whether all of them hold, within so many steps. */
export const holds = (policy: Policy, scene: Selector.Scene, stepsMax: number): boolean => {
  const steps = new Steps(stepsMax)
  try {
    for (const statement of policy) {
      if (judge(statement, scene, steps) !== true) return false
    }
    return true
  } catch (cause) {
    if (cause instanceof StepsSpent) return false
    throw cause
  }
}
