/** The repository as the inspector sees it: a map of files to texts, and what can be read out of it. */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { type Module, parse } from "./Module.ts"

/** Paths from the root, with `/`, to texts. */
export type Tree = ReadonlyMap<string, string>

export interface PackageJson {
  readonly name: string
  readonly floor: number | undefined
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

export interface Room {
  readonly folder: string
  readonly door: PackageJson
  readonly modules: ReadonlyArray<Module>
}

export interface House {
  readonly tree: Tree
  /** The package.json of what is installed, by its path. */
  readonly installed: Tree
  readonly root: PackageJson
  /** What has a package.json of its own. */
  readonly rooms: ReadonlyArray<Room>
  /** Every module of the house: those of the rooms, of infra, and effect.config.ts. */
  readonly modules: ReadonlyArray<Module>
}

/** Pictures and programs are not read. */
const isText = (file: string): boolean =>
  /\.(ts|tsx|js|mjs|cjs|json|md|css|html|svg|yml|yaml|toml|sh|sql|txt|example|conf)$|(^|\/)[^.]*$|(^|\/)\.[a-z]+$/.test(
    file
  )
const isModule = (file: string): boolean => /\.(ts|tsx|js)$/.test(file)

export const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file)
/** Data of tests is what others wrote: it follows no rule of the house. */
export const isSample = (file: string): boolean => /(^|\/)(samples|fixtures)\//.test(file)

/** The files git sees: those it keeps, and those it would if asked now. */
const listed = (root: string): ReadonlyArray<string> =>
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 64 * 1024 * 1024
  }).split("\0").filter((file) => file !== "")

/** A copy without git: everything but what is made here. */
const found = (root: string, folder = ""): ReadonlyArray<string> =>
  fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`
    if (/^(node_modules|dist(-.*)?|data|\.git)$/.test(entry.name)) return []
    return entry.isDirectory() ? found(root, file) : [file]
  })

export const readTree = (root: string): Tree => {
  const files = fs.existsSync(path.join(root, ".git")) ? listed(root) : found(root)
  return new Map(
    files.filter((file) => fs.existsSync(path.join(root, file)))
      .map((file) => [file, isText(file) ? fs.readFileSync(path.join(root, file), "utf8") : ""])
  )
}

/** The package.json of everything the lockfile names, where it is installed on this machine. */
export const readInstalled = (root: string, tree: Tree): Tree => {
  const places = Object.keys(JSON.parse(tree.get("package-lock.json") ?? "{}").packages ?? {})
  return new Map(
    places.filter((place) => place.includes("node_modules/")).map((place) => `${place}/package.json`)
      .filter((file) => fs.existsSync(path.join(root, file)))
      .map((file) => [file, fs.readFileSync(path.join(root, file), "utf8")])
  )
}

const readDoor = (text: string | undefined): PackageJson => {
  const json = JSON.parse(text ?? "{}")
  return {
    name: json.name ?? "",
    floor: json.vivim?.floor,
    dependencies: json.dependencies ?? {},
    devDependencies: json.devDependencies ?? {},
    optionalDependencies: json.optionalDependencies ?? {}
  }
}

/** Reads the house out of a tree: the real one, or a few planted files. */
export const houseOf = (tree: Tree, installed: Tree): House => {
  const modules = [...tree].filter(([file]) => isModule(file) && !isSample(file)).map(([file, text]) =>
    parse(file, text)
  )
  const rooms = [...tree.keys()].filter((file) => file.endsWith("/package.json") && !isSample(file)).map((file) => {
    const folder = path.posix.dirname(file)
    return {
      folder,
      door: readDoor(tree.get(file)),
      modules: modules.filter((module) => module.file.startsWith(`${folder}/`))
    }
  })
  return { tree, installed, root: readDoor(tree.get("package.json")), rooms, modules }
}

/** A house of a few planted files. */
export const plant = (files: Readonly<Record<string, string>>): House => {
  const entries = Object.entries(files)
  const isInstalled = ([file]: readonly [string, string]) => file.startsWith("node_modules/")
  return houseOf(new Map(entries.filter((entry) => !isInstalled(entry))), new Map(entries.filter(isInstalled)))
}

/** The package.json of a planted room. */
export const door = (name: string, floor: number, dependencies: ReadonlyArray<string> = []): string =>
  JSON.stringify({
    name,
    vivim: { floor },
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, "1.0.0"]))
  })
