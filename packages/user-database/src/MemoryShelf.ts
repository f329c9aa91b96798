/** A shelf that forgets: every file is a database in memory. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Shelf } from "./Shelf.ts"
import * as SqliteFile from "./SqliteFile.ts"

export const make: Effect.Effect<Shelf, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync((): Shelf => {
    const owners = new Map<string, string>()
    const folders = new Map<string, Map<string, SqliteFile.SqliteFile>>()
    const of = (folder: string) => {
      const files = folders.get(folder) ?? new Map<string, SqliteFile.SqliteFile>()
      folders.set(folder, files)
      return files
    }
    const remove = (folder: string, name: string) => {
      of(folder).get(name)?.close()
      of(folder).delete(name)
    }
    return {
      owner: (folder) => owners.get(folder) ?? null,
      claim: (folder, did) => void owners.set(folder, did),
      disclaim: (folder) => void owners.delete(folder),
      owners: () => [...owners.values()],
      has: (folder, name) => of(folder).has(name),
      names: (folder) => [...of(folder).keys()],
      lend: (folder, name, identity, _now, use) => {
        const file = of(folder).get(name) ?? SqliteFile.open(":memory:", identity)
        of(folder).set(name, file)
        return use(file)
      },
      rename: (folder, from, to) => {
        const file = of(folder).get(from)!
        if (of(folder).has(to)) remove(folder, to)
        of(folder).delete(from)
        of(folder).set(to, file)
      },
      remove,
      setAside: (folder, name) => {
        const file = of(folder).get(name)
        if (file === undefined) return
        remove(folder, `${name}.aside`)
        of(folder).delete(name)
        of(folder).set(`${name}.aside`, file)
      },
      close: () => undefined,
      closeIdle: () => undefined,
      closeAll: () => folders.forEach((files, folder) => [...files.keys()].forEach((name) => remove(folder, name))),
      sync: Effect.void
    }
  }),
  (shelf) => Effect.sync(shelf.closeAll)
)
