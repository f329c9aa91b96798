/** The key a backup is opened with: the data folder's own, or the one that was kept elsewhere. */
import type { Cipher } from "@vivim/crypto/Cipher"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import * as NodeKeyCipher from "@vivim/crypto/NodeKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import type { Folders } from "./Folders.ts"

/** There is no key, or it is none. */
export class KeyUnusable extends Data.TaggedError("KeyUnusable")<{ readonly message: string }> {}

export interface RestoreKey {
  readonly cipher: Cipher
  /** Where it was read. */
  readonly file: string
  /** Its bytes, when it is to be put into the data folder. */
  readonly fresh: Uint8Array | null
}

const keyBytes = 32

const given = (file: string): Effect.Effect<RestoreKey, KeyUnusable> =>
  Effect.try({
    try: () => {
      const bytes = fs.readFileSync(file)
      if (bytes.length !== keyBytes) throw new Error(`it holds ${bytes.length} bytes, and a node key has ${keyBytes}`)
      return { cipher: fromMasterKey(bytes), file, fresh: bytes }
    },
    catch: (cause) => new KeyUnusable({ message: `The key ${file} cannot be used: ${(cause as Error).message}.` })
  })

const inFolder = (file: string): Effect.Effect<RestoreKey, KeyUnusable> =>
  Layer.build(NodeKeyCipher.layer({ file, mayCreate: false })).pipe(
    Effect.map((context) => ({ cipher: Context.get(context, PayloadCipher), file, fresh: null })),
    Effect.mapError(({ message }) => new KeyUnusable({ message: `${message}.` })),
    Effect.scoped
  )

/** The folder's key goes first: a node has one, and it cannot be changed. Null when there is none. */
export const find = (at: Folders, keyFile: string | null): Effect.Effect<RestoreKey | null, KeyUnusable> =>
  fs.existsSync(at.nodeKey) ? inFolder(at.nodeKey) : keyFile === null ? Effect.succeed(null) : given(keyFile)
