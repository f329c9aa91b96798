/** The sources an app is built from, as one hash: it changes exactly when a build would. */
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { root } from "./Program.ts"

interface Room {
  readonly folder: string
  readonly leansOn: ReadonlyArray<string>
}

const foldersIn = (parent: string): ReadonlyArray<string> =>
  fs.readdirSync(path.join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory()).map((entry) => path.join(parent, entry.name))

/** Every room by the name on its door. */
const rooms = (): ReadonlyMap<string, Room> =>
  new Map(
    ["event-schemas", ...foldersIn("packages"), ...foldersIn("apps")].flatMap((folder) => {
      const file = path.join(root, folder, "package.json")
      if (!fs.existsSync(file)) return []
      const { name, dependencies } = JSON.parse(fs.readFileSync(file, "utf8"))
      return [[String(name), { folder, leansOn: Object.keys(dependencies ?? {}) }] as const]
    })
  )

/** The room and all it leans on, however far down. */
const reachable = (name: string): ReadonlyArray<string> => {
  const all = rooms()
  const seen = new Set<string>()
  const visit = (next: string): void => {
    const room = all.get(next)
    if (room === undefined || seen.has(room.folder)) return
    seen.add(room.folder)
    room.leansOn.forEach(visit)
  }
  visit(name)
  return [...seen].toSorted()
}

const isSource = (file: string): boolean => !/\.test\.tsx?$|\.md$/.test(file)
const isOutside = (folder: string): boolean => /^(node_modules|samples|test|dist(-.*)?)$/.test(folder)

const filesIn = (folder: string): ReadonlyArray<string> =>
  fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name)
    if (entry.isDirectory()) return isOutside(entry.name) ? [] : filesIn(at)
    return isSource(at) ? [at] : []
  })

/** The hash of everything `app` is built from: its own files, those of the rooms below it, the lockfile, and `also`. */
export const fingerprint = (app: string, also: ReadonlyArray<string>): string => {
  const files = [...reachable(app).flatMap(filesIn), "package-lock.json", ...also]
    .filter((file) => fs.existsSync(path.join(root, file))).toSorted()
  const hash = createHash("sha256")
  for (const file of files) {
    const content = fs.readFileSync(path.join(root, file))
    hash.update(`${file.replaceAll(path.sep, "/")}\0${content.length}\0`).update(content)
  }
  return hash.digest("hex")
}
