/** The key of a local development account, read where the node keeps it: for a command line beside the node that signs for its user. */
import * as DidKey from "@vivim/crypto/DidKey"
import type { Did } from "@vivim/event-schemas/ids"
import { createPrivateKey, sign } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import type { Folders } from "./Folders.ts"

export interface AccountKey {
  readonly did: Did
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** Null when there is no such account here, or its key cannot be read. */
export const open = ({ accounts }: Folders, handle: string): AccountKey | null => {
  try {
    const jwk = JSON.parse(fs.readFileSync(path.join(accounts, `${handle}.key`), "utf8"))
    const key = createPrivateKey({ key: jwk, format: "jwk" })
    return {
      did: DidKey.fromEd25519(Buffer.from(jwk.x, "base64url")),
      sign: (message) => new Uint8Array(sign(null, message, key))
    }
  } catch {
    return null
  }
}
