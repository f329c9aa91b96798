/**
 * What a capability lets its holder do: a command, which is a path as in UCAN, and which command is no more than another.
 *
 * R1  A command covers itself, what stands below it in the path, what is weaker than it, and what stands below that; nothing else.
 * R2  Covering is an order: every command covers itself, no two different ones cover each other, and it passes on.
 *
 * `/content/relay` may be stored and forwarded without being read. Source: UCAN delegation 1.0, "Command"; the `relay` right is Keyhive's.
 */
import * as Schema from "effect/Schema"

/** A command: `/`, or lower-case segments behind slashes. */
export const Command = Schema.String.pipe(
  Schema.pattern(/^(?:\/|(?:\/[a-z0-9][a-z0-9._-]{0,63}){1,8})$/),
  Schema.annotations({
    identifier: "CapabilityCommand",
    arbitrary: () => (fc: any) => fc.constantFrom("/content/read", "/content/write", "/content/share")
  })
)

/** Every right there is, and those that are weaker. */
const weaker: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["/content/relay", []],
  ["/content/read", ["/content/relay"]],
  ["/content/remix", ["/content/read", "/content/relay"]],
  ["/content/write", ["/content/read", "/content/relay"]],
  ["/content/share", ["/content/remix", "/content/write", "/content/read", "/content/relay"]],
  ["/content/admin", ["/content/share", "/content/remix", "/content/write", "/content/read", "/content/relay"]]
])

/** The rights on content, weakest first. */
export const Rights: ReadonlyArray<string> = [...weaker.keys()]

/** Who may pass a capability on holds at least this one. */
export const Reshare = "/content/share"

const isBelow = (above: string, path: string): boolean =>
  above === "/" || path === above || path.startsWith(`${above}/`)

/** Whether who may do `held` may do `asked`. */
export const covers = (held: string, asked: string): boolean =>
  isBelow(held, asked) || (weaker.get(held)?.some((right) => isBelow(right, asked)) ?? false)
