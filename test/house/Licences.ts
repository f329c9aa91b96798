/** The rule about what others wrote: everything an app brings along may be used by anyone, for anything. */
import type { House } from "./House.ts"
import type { Rule } from "./Rule.ts"

/** SPDX ids that ask for no more than their own text to be kept. */
const permissive = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "PSF-2.0",
  "PostgreSQL",
  "Python-2.0",
  "Unlicense",
  "WTFPL",
  "Zlib"
])

/** `(A OR B) AND C`: with OR one of them suffices, with AND each of them binds. AND binds tighter (SPDX 2.3, Annex D). */
const isPermissive = (expression: string): boolean => {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  const one = (): boolean => {
    const token = tokens[at++]
    if (token !== "(") return token !== undefined && permissive.has(token)
    const inner = any()
    at++
    return inner
  }
  const all = (): boolean => {
    let holds = one()
    while (tokens[at] === "AND") {
      at++
      holds = one() && holds
    }
    return holds
  }
  const any = (): boolean => {
    let holds = all()
    while (tokens[at] === "OR") {
      at++
      holds = all() || holds
    }
    return holds
  }
  return any() && at === tokens.length
}

interface Locked {
  readonly license?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

type Lock = Readonly<Record<string, Locked>>

/** Where Node would find it: in the nearest `node_modules` on the way up. */
const resolve = (lock: Lock, from: string, name: string): string | undefined => {
  for (let at = from;; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    const candidate = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`
    if (candidate in lock) return candidate
    if (at === "") return undefined
  }
}

/** Every package the apps bring along, by its place in the lockfile. */
const brought = (lock: Lock): ReadonlyArray<string> => {
  const seen = new Set<string>()
  const visit = (place: string): void => {
    const entry = lock[place]
    if (entry === undefined || seen.has(place)) return
    if (entry.link === true) return visit(entry.resolved ?? "")
    seen.add(place)
    const peers = Object.keys(entry.peerDependencies ?? {}).filter((name) =>
      entry.peerDependenciesMeta?.[name]?.optional !== true
    )
    for (const name of [...Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }), ...peers]) {
      const found = resolve(lock, place, name)
      if (found !== undefined) visit(found)
    }
  }
  Object.keys(lock).filter((place) => place.startsWith("apps/")).filter((place) => !place.includes("node_modules"))
    .forEach(visit)
  return [...seen].filter((place) => place.includes("node_modules/"))
}

/** What the package itself says, where it is installed; what the lockfile says of it, where this machine has no use for it. */
const licenceOf = (house: House, place: string, locked: Locked | undefined): string => {
  const installed = house.installed.get(`${place}/package.json`)
  const said = installed === undefined ? locked?.license : JSON.parse(installed).license
  return typeof said === "string" ? said : "no licence"
}

export const licences: Rule = {
  title: "everything the apps bring along is under a permissive licence",
  breaches: (house) => {
    const lock: Lock = JSON.parse(house.tree.get("package-lock.json") ?? "{}").packages ?? {}
    return brought(lock).flatMap((place) => {
      const licence = licenceOf(house, place, lock[place])
      return isPermissive(licence) ? [] : [`${place}: ${licence}`]
    })
  },
  witness: {
    files: {
      "package-lock.json": JSON.stringify({
        packages: {
          "apps/node": { dependencies: { a: "1.0.0", "@vivim/r": "1.0.0" }, devDependencies: { tool: "1.0.0" } },
          "packages/r": { dependencies: { e: "1.0.0" } },
          "node_modules/@vivim/r": { link: true, resolved: "packages/r" },
          "node_modules/a": {
            license: "MIT",
            dependencies: { b: "1.0.0", c: "1.0.0" },
            optionalDependencies: { d: "1.0.0" }
          },
          "node_modules/b": { license: "MIT" },
          "node_modules/a/node_modules/b": { license: "GPL-3.0-only" },
          "node_modules/c": { license: "(MPL-2.0 OR Apache-2.0)", peerDependencies: { f: "1.0.0" } },
          "node_modules/d": {},
          "node_modules/e": { license: "MIT AND MPL-2.0" },
          "node_modules/f": { license: "MIT" },
          "node_modules/tool": { license: "AGPL-3.0" }
        }
      }),
      "node_modules/f/package.json": `{ "license": "SEE LICENSE IN LICENSE" }`
    },
    says: [
      "node_modules/a/node_modules/b: GPL-3.0-only",
      "node_modules/f: SEE LICENSE IN LICENSE",
      "node_modules/d: no licence",
      "node_modules/e: MIT AND MPL-2.0"
    ]
  }
}
