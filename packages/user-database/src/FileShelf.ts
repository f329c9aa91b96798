/**
 * A shelf of real files: `<directory>/<first two digits>/<folder>.<name>`, of which only some are open at a time.
 *
 * D1  Never more than `openMax` files are open, however many users there are; one in use is not closed.
 * D2  What nobody used for `idleMax` is closed.
 * D3  Files are readable by the node's account alone, and no name a user chose is part of a path.
 * D4  A journal left by a killed process is never read into the file that took its place.
 * D5  What is set aside is kept as it is, journal and all, and is in nobody's way.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as fs from "node:fs"
import * as path from "node:path"
import * as SealedSqlite from "./SealedSqlite.ts"
import { folderOf, type Identity, type Shelf } from "./Shelf.ts"
import * as SqliteFile from "./SqliteFile.ts"
import { UserDatabaseError } from "./UserDatabaseError.ts"

interface Handle {
  readonly file: SqliteFile.SqliteFile
  uses: number
  usedAt: number
}

const card = "did"
const journals = ["-wal", "-shm"] as const
/** Kibibytes of pages kept in memory, shared by the open files: one user alone has a large cache, a crowd small ones. */
const cacheKiB = 64_000

/** What is built beside is read by nobody until it is renamed; one that a killed process left is never continued. */
const isBeside = (file: string) => file.endsWith(".next.sqlite")

/** What was written without waiting for the disk. No connection may hold the file: closing it here would drop SQLite's locks. */
const syncFile = (file: string) => {
  const descriptor = fs.openSync(file, "r")
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** An entry of a folder is durable once its directory is. */
const syncDirectory = syncFile

/** The open files, the one used longest ago first. */
const openFiles = (openMax: number) => {
  const handles = new Map<string, Handle>()

  const close = (file: string) => {
    const handle = handles.get(file)
    if (handle === undefined) return
    if (handle.uses > 0) throw new Error(`${file} is being read`)
    handles.delete(file)
    handle.file.close()
  }

  const closeWhere = (enough: () => boolean, due: (handle: Handle) => boolean) => {
    for (const [file, handle] of handles) {
      if (enough()) return
      if (handle.uses === 0 && due(handle)) close(file)
    }
  }

  const lend = <A>(
    file: string,
    wasThere: boolean,
    identity: Identity,
    now: number,
    use: (open: SqliteFile.SqliteFile) => A
  ): A => {
    let handle = handles.get(file)
    if (handle === undefined) {
      closeWhere(() => handles.size < openMax, () => true)
      handle = { file: SqliteFile.open(file, identity, wasThere, isBeside(file)), uses: 0, usedAt: now }
    }
    handles.delete(file)
    handles.set(file, handle)
    handle.uses++
    handle.usedAt = now
    handle.file.cache(cacheKiB / handles.size)
    try {
      return use(handle.file)
    } finally {
      handle.uses--
    }
  }

  return {
    lend,
    close,
    closeWhere: (isMeant: (file: string) => boolean) => [...handles.keys()].filter(isMeant).forEach(close),
    closeIdle: (since: number) => closeWhere(() => false, (handle) => handle.usedAt <= since),
    closeAll: () => closeWhere(() => false, () => true),
    has: (file: string) => handles.has(file),
    unsynced: () => [...handles].filter(([file, handle]) => handle.file.unsynced && !isBeside(file))
  }
}

/** A journal that is gone was synced by its file's closing. Never the file itself: closing it would drop SQLite's locks. */
const syncJournal = (file: string): Effect.Effect<void, UserDatabaseError> =>
  Effect.tryPromise({
    try: () =>
      fs.promises.open(`${file}-wal`, "r").then(
        (journal) => journal.sync().finally(() => journal.close()),
        (cause: NodeJS.ErrnoException) => cause.code === "ENOENT" ? undefined : Promise.reject(cause)
      ),
    catch: (cause) => new UserDatabaseError({ doing: `sync ${file}`, cause })
  })

const listed = (directory: string) => fs.existsSync(directory) ? fs.readdirSync(directory) : []

const removeFiles = (file: string) => {
  // The file first: a journal without its file means nothing, a file without its journal may be torn.
  for (const suffix of ["", ...journals]) fs.rmSync(file + suffix, { force: true })
  if (!isBeside(file)) syncDirectory(path.dirname(file))
}

/** An empty file for SQLite to open, the node's alone before anything is in it. */
const makeFile = (file: string) => {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  for (const journal of journals) fs.rmSync(file + journal, { force: true })
  fs.closeSync(fs.openSync(file, "wx", 0o600))
  if (!isBeside(file)) syncDirectory(path.dirname(file))
}

const shardOf = (directory: string, folder: string) => path.join(directory, folder.slice(0, 2))

/** Whose each folder is: a small file beside the others, that says the DID. */
const cards = (directory: string): Pick<Shelf, "owner" | "claim" | "disclaim" | "owners"> => {
  const at = (folder: string) => path.join(shardOf(directory, folder), `${folder}.${card}`)
  return {
    owner: (folder) => fs.existsSync(at(folder)) ? fs.readFileSync(at(folder), "utf8") : null,
    claim: (folder, did) => {
      fs.mkdirSync(shardOf(directory, folder), { recursive: true, mode: 0o700 })
      fs.writeFileSync(`${at(folder)}.new`, did, { mode: 0o600, flush: true })
      fs.renameSync(`${at(folder)}.new`, at(folder))
      syncDirectory(shardOf(directory, folder))
    },
    disclaim: (folder) => {
      for (const file of [at(folder), `${at(folder)}.new`]) fs.rmSync(file, { force: true })
      if (fs.existsSync(shardOf(directory, folder))) syncDirectory(shardOf(directory, folder))
    },
    owners: () =>
      listed(directory).filter((name) => /^[0-9a-f]{2}$/.test(name)).flatMap((name) =>
        listed(path.join(directory, name))
          .filter((file) => file.endsWith(`.${card}`))
          .map((file) => fs.readFileSync(path.join(directory, name, file), "utf8"))
      )
  }
}

const shelf = (directory: string, openMax: number): Shelf => {
  const open = openFiles(openMax)
  const at = (folder: string, name: string) => path.join(shardOf(directory, folder), `${folder}.${name}`)
  const isThere = (file: string) => open.has(file) || fs.existsSync(file)

  return {
    ...cards(directory),
    has: (folder, name) => isThere(at(folder, name)),
    // A journal whose file is gone is what a removal cut short left: it goes with the next one.
    names: (folder) => [
      ...new Set(
        listed(shardOf(directory, folder))
          .filter((file) => file.startsWith(`${folder}.`))
          .map((file) => file.slice(folder.length + 1).replace(/-(?:wal|shm)$/, ""))
          .filter((name) => /\.sqlite(?:\.aside)?$/.test(name))
      )
    ],
    lend: (folder, name, identity, now, use) => {
      const wasThere = isThere(at(folder, name))
      if (!wasThere) makeFile(at(folder, name))
      return open.lend(at(folder, name), wasThere, identity, now, use)
    },
    rename: (folder, from, to) => {
      const [source, target] = [at(folder, from), at(folder, to)]
      open.close(source)
      open.close(target)
      if (fs.existsSync(`${source}-wal`)) throw new Error(`${source} could not be closed whole`)
      syncFile(source)
      // The journal of a killed process would be read into the new file as if it were its own.
      if (fs.existsSync(`${target}-wal`)) removeFiles(target)
      fs.renameSync(source, target)
      syncDirectory(path.dirname(target))
    },
    remove: (folder, name) => {
      open.close(at(folder, name))
      if (fs.existsSync(shardOf(directory, folder))) removeFiles(at(folder, name))
    },
    setAside: (folder, name) => {
      const [source, target] = [at(folder, name), at(folder, `${name}.aside`)]
      open.close(source)
      if (!fs.existsSync(source)) return
      removeFiles(target)
      // The journal first: what it holds is part of what the file was.
      if (fs.existsSync(`${source}-wal`)) fs.renameSync(`${source}-wal`, `${target}-wal`)
      fs.rmSync(`${source}-shm`, { force: true })
      fs.renameSync(source, target)
      syncDirectory(path.dirname(target))
    },
    close: (folder) => open.closeWhere((file) => path.basename(file).startsWith(`${folder}.`)),
    closeIdle: open.closeIdle,
    closeAll: open.closeAll,
    sync: Effect.suspend(() =>
      Effect.forEach(open.unsynced(), ([name, { file }]) => {
        file.unsynced = false
        return Effect.tapError(syncJournal(name), () => Effect.sync(() => void (file.unsynced = true)))
      }, { discard: true, concurrency: 8 })
    )
  }
}

/** Files that lie open, as builds left them that did not seal: whose they are, of which view, and where. */
export const lyingOpen = (directory: string): ReadonlyArray<{
  readonly did: string
  readonly view: string
  readonly file: string
}> =>
  cards(directory).owners().flatMap((did) => {
    const folder = folderOf(did)
    return listed(shardOf(directory, folder)).flatMap((name) => {
      const [, view] = name.startsWith(`${folder}.`)
        ? /^([a-z][a-z0-9-]*)\.v\d+\./.exec(name.slice(folder.length + 1)) ?? []
        : []
      const file = path.join(shardOf(directory, folder), name)
      return view !== undefined && SealedSqlite.liesOpen(file) ? [{ did, view, file }] : []
    })
  })

/** Removes a file with its journals. */
export const remove = (file: string): void => removeFiles(file)

/** Opens the directory, making it when it is not there. Everything still open is closed with the scope. */
export const make = (directory: string, openMax: number): Effect.Effect<Shelf, UserDatabaseError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
        return shelf(directory, openMax)
      },
      catch: (cause) => new UserDatabaseError({ doing: `open ${directory}`, cause })
    }),
    (shelf) => Effect.sync(shelf.closeAll)
  )
