/** How what waits in the spool is sealed: the file in counter mode, what is noted of it line by line with AES-256-GCM. */
import type { Cipher, KeyFailure } from "@vivim/crypto/Cipher"
import * as Gcm from "@vivim/crypto/vault/Gcm"
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import * as SealedBytes from "./SealedBytes.ts"

/** Where the keys come from: one for each import, of its owner. */
export type Keys = (owner: string, importId: string) => Effect.Effect<Uint8Array, KeyFailure>

export const keysOf = ({ keys }: Pick<Cipher, "keys">): Keys => (owner, importId) =>
  Effect.map(keys({ owner, stream: `import/${importId}` }), ([key]) => key)

/** One import's seal, while it is worked on. */
export interface SpoolSeal {
  readonly iv: Uint8Array
  readonly bytes: SealedBytes.Seal
  /** One line of text into another that tells nothing, and back. */
  readonly seal: (line: string) => string
  readonly open: (line: string) => string
}

const [nothing, bound] = [Buffer.alloc(0), Buffer.from("vivim-spool/1")]

export const of = (key: Uint8Array, iv: Uint8Array = randomBytes(16)): SpoolSeal => {
  const lines = SealedBytes.derived(key, "lines")
  return {
    iv,
    bytes: { key: SealedBytes.derived(key, "file"), iv },
    seal: (line) => Gcm.seal(lines, nothing, bound, Buffer.from(line)).toString("base64"),
    open: (line) => Gcm.open(lines, 0, bound, Buffer.from(line, "base64")).toString("utf8")
  }
}
