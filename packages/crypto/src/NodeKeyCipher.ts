/** The payload cipher of a node that keeps its own key: 32 random bytes in a file that only its owner can read. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { randomBytes } from "node:crypto"
import * as KeyFile from "./KeyFile.ts"
import { fromMasterKey } from "./MasterKeyCipher.ts"
import { PayloadCipher } from "./PayloadCipher.ts"

/** The key file is not usable; `message` says what to do. */
export class NodeKeyError extends Schema.TaggedError<NodeKeyError>()("NodeKeyError", { message: Schema.String }) {}

const load = (file: string, mayCreate: boolean): Uint8Array => {
  const key = KeyFile.read({
    file,
    mayCreate,
    make: () => randomBytes(32),
    needed: "the database holds what it sealed"
  })
  if (key.length !== 32) throw new Error(`it holds ${key.length} bytes instead of 32; put the right key file back`)
  return key
}

/** `mayCreate` false: a log exists already, and a new key could not read it. */
export const layer = (options: {
  readonly file: string
  readonly mayCreate: boolean
}): Layer.Layer<PayloadCipher, NodeKeyError> =>
  Layer.effect(
    PayloadCipher,
    Effect.try({
      try: () => fromMasterKey(load(options.file, options.mayCreate)),
      catch: (cause) =>
        new NodeKeyError({
          message: `The node's key ${options.file} cannot be used: ${cause instanceof Error ? cause.message : cause}`
        })
    })
  )
