/**
 * As whom PostgreSQL runs, and what that user can get at. PostgreSQL refuses to be root; a node may well be.
 *
 * O1  A node that is not root runs PostgreSQL as itself; root runs it as the owner of the data, else as `postgres`, else as `nobody`.
 * O2  Whether the user can reach a path is judged by every folder above it.
 */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { EmbeddedPostgresError } from "./PostgresError.ts"

export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const isRoot = (): boolean => process.getuid?.() === 0

/** `name:x:uid:gid:…` */
const passwd = (): ReadonlyArray<SystemUser> =>
  fs.readFileSync("/etc/passwd", "utf8").split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":")
    return name !== undefined && uid !== undefined && gid !== undefined
      ? [{ name, uid: Number(uid), gid: Number(gid) }]
      : []
  })

/** Whom PostgreSQL is to run as for the data in this folder; null is ourselves. */
export const userFor = (folder: string): Effect.Effect<SystemUser | null, EmbeddedPostgresError> =>
  Effect.suspend(() => {
    const owner = fs.existsSync(folder) ? fs.statSync(folder) : null
    if (!isRoot()) {
      return owner === null || owner.uid === (process.getuid?.() ?? owner.uid) ?
        Effect.succeed(null) :
        new EmbeddedPostgresError({
          message:
            `The database in ${folder} belongs to another user (number ${owner.uid}): start VIVIM as the one who started it ` +
            "before, or set VIVIM_DATA_DIR to a directory of your own."
        })
    }
    const known = passwd()
    if (owner !== null && owner.uid !== 0) {
      const name = known.find(({ uid }) => uid === owner.uid)?.name ?? `user ${owner.uid}`
      return Effect.succeed({ name, uid: owner.uid, gid: owner.gid })
    }
    const user = ["postgres", "nobody"].flatMap((name) => known.find((one) => one.name === name) ?? [])[0]
    return user === undefined
      ? new EmbeddedPostgresError({
        message: "PostgreSQL does not run as root, and this system has neither a user `postgres` nor `nobody`: " +
          "run VIVIM as an ordinary user, or set VIVIM_DATABASE_URL to a PostgreSQL server."
      })
      : Effect.succeed(user)
  })

/** Whether the user may enter (or read and run) what lies at an existing path, by the modes of all folders above it. */
export const canReach = (at: string, user: SystemUser): boolean => {
  const real = fs.realpathSync(at)
  const above = path.dirname(real)
  return allows(fs.statSync(real), user, 0o5) && (above === real || canReachThrough(above, user))
}

const canReachThrough = (folder: string, user: SystemUser): boolean => {
  const above = path.dirname(folder)
  return allows(fs.statSync(folder), user, 0o1) && (above === folder || canReachThrough(above, user))
}

const allows = ({ gid, mode, uid }: fs.Stats, user: SystemUser, bits: number): boolean => {
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
  return ((mode >> shift) & bits) === bits
}
