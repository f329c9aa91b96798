/** The kinds of switches `effect.config.ts` is made of: each with its sentence, what it may be, and what it is unless set. */
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import type * as HashMap from "effect/HashMap"

/** What each switch may be, by its full name: for the sentence that refuses it. */
const allowed = new Map<string, string>()
let prefix = ["VIVIM"]

/** Names the group its switches belong to. */
export const group = <A>(name: string, switches: () => Config.Config<A>): Config.Config<A> => {
  prefix = ["VIVIM", name]
  const nested = Config.nested(switches(), name)
  prefix = ["VIVIM"]
  return nested
}

/** Names a group there may be several of, each called by its operator: VIVIM_PROVIDER_GOOGLE_ISSUER, and so on. */
export const groups = <A>(
  name: string,
  switches: () => Config.Config<A>
): Config.Config<HashMap.HashMap<string, A>> => {
  prefix = ["VIVIM", name, "*"]
  const several = Config.hashMap(switches(), name)
  prefix = ["VIVIM"]
  return several
}

/** What a switch may be, by its name as the environment has it. */
export const mayOf = (name: string): string | undefined =>
  allowed.get(name) ?? allowed.get(name.replace(/^([A-Z]+_[A-Z]+)_[A-Z0-9]+/, "$1_*"))

interface Said<A> {
  readonly is: string
  readonly may: string
  /** What it is unless set; without it, it must be. */
  readonly else?: A
}

export const one = <A>(name: string, config: Config.Config<A>, said: Said<A>): Config.Config<A> => {
  allowed.set([...prefix, name].join("_"), said.may)
  // Validated under its own name, so that a refusal can say which switch it is about.
  const described = Config.withDescription(Config.nested(config, name), said.is)
  return "else" in said ? Config.withDefault(described, said.else as A) : described
}

const whole = (name: string, is: string, standard: number, range: readonly [number, number], unit = "") =>
  one(
    name,
    Config.integer().pipe(
      Config.validate({ message: "out of range", validation: (n) => n >= range[0] && n <= range[1] })
    ),
    { is, may: `a whole number from ${range[0]} to ${range[1]}${unit}`, else: standard }
  )

const time = (name: string, is: string, standard: Duration.DurationInput, range: readonly [string, string]) =>
  one(
    name,
    Config.duration().pipe(
      Config.validate({
        message: "out of range",
        validation: Duration.between({
          minimum: Duration.decode(range[0] as Duration.DurationInput),
          maximum: Duration.decode(range[1] as Duration.DurationInput)
        })
      })
    ),
    { is, may: `a duration from ${range[0]} to ${range[1]}, such as "90 seconds"`, else: Duration.decode(standard) }
  )

/** A text of a form; where the empty one is of no use, it is as if nothing were said. */
export const text = (name: string, form: RegExp, said: Said<string>) => {
  const given = form.test("") ? Config.string() : Config.nonEmptyString()
  return one(name, Config.validate(given, { message: "not of that form", validation: (is) => form.test(is) }), said)
}

/** The switch of a value: `treeDepthMax` is TREE_DEPTH_MAX. */
const nameOf = (key: string) => key.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()

const table = <K extends string, Row, A>(
  rows: Readonly<Record<K, Row>>,
  config: (name: string, row: Row) => A
) => Object.fromEntries(Object.entries<Row>(rows).map(([key, row]) => [key, config(nameOf(key), row)])) as Record<K, A>

type Whole = readonly [is: string, standard: number, min: number, max: number, unit?: string]
export const wholes = <K extends string>(rows: Readonly<Record<K, Whole>>) =>
  table(rows, (name, [is, standard, min, max, unit]: Whole) => whole(name, is, standard, [min, max], unit))

type Time = readonly [is: string, standard: Duration.DurationInput, min: string, max: string]
export const times = <K extends string>(rows: Readonly<Record<K, Time>>) =>
  table(rows, (name, [is, standard, min, max]: Time) => time(name, is, standard, [min, max]))

export const KiB = 1_024
export const MiB = 1_024 * KiB
export const GiB = 1_024 * MiB

type Bucket = readonly [what: string, burst: number, perMinute: number]
/** Two switches for each kind of call: how many at once, and how many a minute in the long run. */
export const buckets = <K extends string>(rows: Readonly<Record<K, Bucket>>) =>
  Config.all(table(rows, (name, [what, burst, perMinute]: Bucket) =>
    Config.all({
      burst: whole(`${name}_BURST`, `${what} at once.`, burst, [1, 1_000_000]),
      perMinute: whole(`${name}_PER_MINUTE`, `${what} a minute, in the long run.`, perMinute, [1, 1_000_000])
    })))

/** A folder that several processes of a node need in common. */
export const sharedFolder = (name: string, is: string) =>
  text(name, /^/, { is: `${is} Empty: in the data folder.`, may: "empty, or a folder the node may use", else: "" })
