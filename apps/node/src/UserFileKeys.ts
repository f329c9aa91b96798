/** What users' files are sealed with: for a user with a vault a key that is in it, for others one that is derived from the node's. */
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type { FileKeys } from "@vivim/user-database/FileKeys"
import { UserDatabaseError, UserLocked } from "@vivim/user-database/UserDatabaseError"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { createHmac, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"

const ofCipher = ({ keys, moves }: PayloadCipher["Type"]): FileKeys => ({
  of: (did, view) =>
    Effect.mapError(keys({ owner: did, stream: `file/${view}` }), (cause) =>
      cause._tag === "Locked"
        ? new UserLocked({ did })
        : new UserDatabaseError({ doing: `find the key of ${view} of ${did}`, cause })),
  gone: Stream.filterMap(moves, ({ here, owner }) => here ? Option.none() : Option.some(owner))
})

export const layer = <A, E, R>(files: (keys: FileKeys) => Layer.Layer<A, E, R>): Layer.Layer<A, E, R | PayloadCipher> =>
  Layer.unwrapEffect(Effect.map(PayloadCipher, (cipher) => files(ofCipher(cipher))))

/** A folder of its own inside this one, gone with the scope. */
const folderIn = (directory: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
      return fs.mkdtempSync(path.join(directory, "files-"))
    }),
    (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
  )

/** Files that are gone with the scope are sealed as well: with a key that never leaves this process, and is another one each time. */
export const scratch = <E, R>(
  directory: string,
  files: (folder: string) => (keys: FileKeys) => Layer.Layer<UserDatabases, E, R>
) =>
  Effect.flatMap(folderIn(directory), (folder) => {
    const secret = randomBytes(32)
    const of: FileKeys["of"] = (did, view) =>
      Effect.sync(() => [createHmac("sha256", secret).update(JSON.stringify([did, view])).digest()])
    return Effect.map(Layer.build(files(folder)({ of, gone: Stream.never })), Context.get(UserDatabases))
  })
