/**
 * A PostgreSQL cluster on disk: its data, its password, and what its server says, in one folder.
 *
 * L1  A folder is a whole cluster or is not there: a crash, or two nodes that start at once, leave no half of one.
 * L2  The data of another major version is never touched, nor taken for an empty place.
 * L3  It can lie below folders its user may not enter (a project in /root): the server is then told its place by where it stands.
 */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { EmbeddedPostgresError } from "./PostgresError.ts"
import { type Programs, runAs } from "./PostgresPrograms.ts"
import { canReach, type SystemUser } from "./PostgresUser.ts"

export interface Cluster {
  readonly folder: string
  readonly data: string
  /** What PostgreSQL's `-D` is to be. */
  readonly dataArgument: string
  readonly password: string
  readonly log: string
  readonly programs: Programs
  readonly user: SystemUser | null
}

/** Who the node is to the server. */
export const role = "vivim"

/** The cluster in `<parent>/pg<major>`, made if need be. */
export const open = Effect.fn("PostgresCluster.open")(
  function*(parent: string, programs: Programs, user: SystemUser | null) {
    const folder = path.join(parent, `pg${programs.major}`)
    if (!fs.existsSync(folder)) {
      yield* refuseOther(parent, programs)
      yield* create(parent, folder, programs, user)
    }
    const data = path.join(folder, "cluster")
    const password = path.join(folder, "password")
    if (!fs.existsSync(path.join(data, "PG_VERSION")) || !fs.existsSync(password)) {
      return yield* new EmbeddedPostgresError({
        message:
          `${folder} is not a complete PostgreSQL cluster: put the missing files back, or move it away to start anew.`
      })
    }
    const cluster: Cluster = {
      folder,
      data,
      dataArgument: yield* dataArgument(data, user),
      password: fs.readFileSync(password, "utf8").trim(),
      log: path.join(folder, "server.log"),
      programs,
      user
    }
    return cluster
  }
)

const refuseOther = (parent: string, { major }: Programs): Effect.Effect<void, EmbeddedPostgresError> => {
  const other = fs.readdirSync(parent).find((name) => /^pg\d+$/.test(name))
  return other === undefined ? Effect.void : new EmbeddedPostgresError({
    message:
      `The data in ${path.join(parent, other)} was written by PostgreSQL ${
        other.slice(2)
      }, and this version of VIVIM brings ${major}: ` +
      "make a backup with the version that wrote it, and restore it into a new directory with this one."
  })
}

/** `/proc/self/cwd` leads to where a process stands without passing the folders above; server, children and `initdb` stay where they were started. */
const dataArgument = (data: string, user: SystemUser | null): Effect.Effect<string, EmbeddedPostgresError> => {
  if (user === null || canReach(path.dirname(path.dirname(data)), user)) return Effect.succeed(data)
  return fs.existsSync("/proc/self/cwd") ? Effect.succeed("/proc/self/cwd") : new EmbeddedPostgresError({
    message: `PostgreSQL runs as ${user.name}, who cannot enter ${data}: run VIVIM as an ordinary user, ` +
      "or set VIVIM_DATA_DIR to a directory that everybody may enter."
  })
}

/** Made aside and renamed: who comes second finds the first one's. */
const create = Effect.fnUntraced(
  function*(parent: string, folder: string, programs: Programs, user: SystemUser | null) {
    yield* sweep(parent)
    const aside = fs.mkdtempSync(`${folder}.new-`)
    const data = path.join(aside, "cluster")
    const password = path.join(aside, "password")
    fs.mkdirSync(data, { mode: 0o700 })
    fs.writeFileSync(password, randomBytes(32).toString("base64url"), { mode: 0o600 })
    if (user !== null) { for (const at of [aside, data, password]) fs.chownSync(at, user.uid, user.gid) }
    const provider = programs.major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : []
    yield* initdb(programs, user, data, [
      ...["-D", yield* dataArgument(data, user), "-U", role, "--pwfile=../password", "--auth=scram-sha-256"],
      ...["--encoding=UTF8", "--locale=C", ...provider, "--data-checksums", "--no-instructions"]
    ])
    try {
      fs.renameSync(aside, folder)
    } catch (error) {
      fs.rmSync(aside, { recursive: true, force: true })
      if (!fs.existsSync(folder)) return yield* cannot(folder, error)
    }
  },
  Effect.catchAllDefect((defect) => cannot("the database's directory", defect))
)

const cannot = (what: string, cause: unknown) =>
  new EmbeddedPostgresError({
    message: `${what} cannot be made (${cause instanceof Error ? cause.message : String(cause)}): free some room, ` +
      "or set VIVIM_DATA_DIR to a directory VIVIM may write to."
  })

/** What a crash in the middle of a first start left behind. A start takes seconds; an hour is nobody's any more. */
const sweep = (parent: string) =>
  Effect.clockWith((clock) =>
    Effect.map(clock.currentTimeMillis, (now) => {
      for (const name of fs.readdirSync(parent)) {
        const at = path.join(parent, name)
        if (/^pg\d+\.new-/.test(name) && fs.statSync(at).mtimeMs < now - 3_600_000) {
          fs.rmSync(at, { recursive: true, force: true })
        }
      }
    })
  )

/** Nothing of our own environment reaches PostgreSQL, but what Windows cannot do without. */
export const environment = process.platform === "win32"
  ? {}
  : { env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" } }

const initdb = (
  { initdb }: Programs,
  user: SystemUser | null,
  cwd: string,
  parameters: ReadonlyArray<string>
): Effect.Effect<void, EmbeddedPostgresError> =>
  Effect.async((resume) => {
    const child = spawn(initdb, [...parameters], {
      cwd,
      ...environment,
      ...user && runAs(user),
      stdio: ["ignore", "ignore", "pipe"]
    })
    let said = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text
    })
    child.on("error", (error) => resume(cannot("The database", error)))
    child.on("close", (code) => resume(code === 0 ? Effect.void : cannot("The database", lastLine(said))))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const lastLine = (text: string): string =>
  text.trim().split("\n").findLast((line) => line.includes("rror")) ?? text.trim()
