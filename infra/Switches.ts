/**
 * Every switch a `Config` asks for, read from the config itself: its name in the environment, its sentence, its default.
 *
 * `Config.withDescription` is where the sentence is written, `Config.withDefault` and `Config.option` say what happens
 * without it. Nothing is read from the environment to find this out.
 */
import type * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

export interface Switch {
  /** As the environment calls it: `VIVIM_PORT`. */
  readonly name: string
  /** One sentence, or undefined when nobody wrote one. */
  readonly description: string | undefined
  /** As one would write it into the environment; undefined when it is simply not set, or must be given. */
  readonly standard: string | undefined
  /** A node starts without it. */
  readonly optional: boolean
}

/** The parts a config is made of. Effect 3 keeps their types to itself, not their form. */
type Part =
  | { readonly _tag: "Constant"; readonly value: unknown }
  | { readonly _tag: "Described"; readonly config: unknown; readonly description: string }
  | { readonly _tag: "Fail" | "Primitive" }
  | { readonly _tag: "Fallback"; readonly first: unknown; readonly second: unknown }
  | { readonly _tag: "HashMap"; readonly valueConfig: unknown }
  | { readonly _tag: "Lazy"; readonly config: () => unknown }
  | { readonly _tag: "MapOrFail" | "Redacted"; readonly original: unknown }
  | { readonly _tag: "Nested"; readonly name: string; readonly config: unknown }
  | { readonly _tag: "Sequence"; readonly config: unknown }
  | { readonly _tag: "ZipWith"; readonly left: unknown; readonly right: unknown }

/** The whole units of a duration, as `Config.duration` reads them back. */
const units = [["days", 86_400_000], ["hours", 3_600_000], ["minutes", 60_000], ["seconds", 1_000]] as const

const writeDuration = (duration: Duration.Duration): string => {
  const millis = Duration.toMillis(duration)
  const unit = millis === 0 ? undefined : units.find(([, size]) => millis % size === 0)
  return unit === undefined ? `${millis} millis` : `${millis / unit[1]} ${unit[0]}`
}

/** A value as one would write it into the environment. */
const write = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  if (Redacted.isRedacted(value)) return write(Redacted.value(value))
  if (Option.isOption(value)) return Option.isSome(value) ? write(value.value) : undefined
  if (Duration.isDuration(value)) return writeDuration(value)
  if (Array.isArray(value)) return value.map(write).join(",")
  if (typeof value === "object" && "label" in value) return String(value.label)
  return String(value)
}

/** What the other way of a fallback answers when it asks for nothing. */
const constantOf = (config: unknown): { readonly value: unknown } | undefined => {
  const part = config as Part
  if (part._tag === "Constant") return part
  if (part._tag === "Lazy") return constantOf(part.config())
  if (part._tag === "Described") return constantOf(part.config)
  return undefined
}

const withFallback = (part: Part & { readonly _tag: "Fallback" }, path: ReadonlyArray<string>): Array<Switch> => {
  const first = visit(part.first, path)
  const constant = constantOf(part.second)
  if (constant === undefined) return [...first, ...visit(part.second, path)]
  const only = first.length === 1
  return first.map((one) => ({
    ...one,
    standard: one.standard ?? (only ? write(constant.value) : undefined),
    optional: true
  }))
}

const visit = (config: unknown, path: ReadonlyArray<string>): Array<Switch> => {
  const part = config as Part
  switch (part._tag) {
    case "Constant":
    case "Fail":
      return []
    case "Primitive":
      return [{ name: path.join("_"), description: undefined, standard: undefined, optional: false }]
    case "Described": {
      const described = visit(part.config, path)
      // A sentence about a group is not a sentence about each of its switches.
      return described.map((one) =>
        described.length === 1 ? { ...one, description: one.description ?? part.description } : one
      )
    }
    case "Fallback":
      return withFallback(part, path)
    case "HashMap":
      return visit(part.valueConfig, [...path, "*"])
    case "Lazy":
      return visit(part.config(), path)
    case "MapOrFail":
    case "Redacted":
      return visit(part.original, path)
    case "Nested":
      return visit(part.config, [...path, part.name])
    case "Sequence":
      return visit(part.config, path)
    case "ZipWith":
      return [...visit(part.left, path), ...visit(part.right, path)]
  }
}

/** Every switch of a config, in the order it asks for them. */
export const switchesOf = (config: Config.Config<unknown>): ReadonlyArray<Switch> => visit(config, [])

const writeSwitch = ({ description, name, optional, standard }: Switch): string => {
  const sentence = description ?? "Nobody has said what this is for."
  if (standard !== undefined && !name.includes("*")) {
    return `# ${sentence} Default: ${standard === "" ? "empty" : standard}\n${name}=${standard}\n`
  }
  const unset = standard === undefined || standard === "" ? "Not set by default." : `Default: ${standard}`
  return `# ${sentence} ${optional ? unset : "Must be set."}\n#${name}=\n`
}

/** The page `infra/.env.example`. */
export const printSwitches = (switches: ReadonlyArray<Switch>): string =>
  [
    "# Every switch of a VIVIM node, with its default. This page is effect.config.ts, printed by `npm run env`.\n",
    ...switches.map(writeSwitch)
  ].join("\n")
