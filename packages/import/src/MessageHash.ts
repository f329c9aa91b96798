/**
 * The content hash of a message: SHA-256 over the canonical bytes of everything else it holds, its strings in NFC.
 *
 * H1  Equal messages have equal hashes, also when their texts differ only in Unicode normalisation; any other change changes it.
 */
import { CanonicalWriter } from "@vivim/event-schemas/CanonicalWriter"
import type { Message } from "@vivim/event-schemas/document/Message"
import type { ContentHash } from "@vivim/event-schemas/ids"
import * as Crypto from "node:crypto"

/** A message before it has its hash. */
export type Unhashed = Omit<Message, "hash">

/** Two spellings of one text have one hash. */
const bytes = new CanonicalWriter((text) => text.normalize("NFC"))

/** The hash of a message, whatever its own hash field says. */
export const messageHash = ({ at, author, blocks, hidden, id, model, parent, role }: Unhashed): ContentHash =>
  sha256(bytes.encode({ at, author, blocks, hidden, id, model, parent, role })) as ContentHash

/** The message with its hash. */
export const hashed = (message: Unhashed): Message => ({ ...message, hash: messageHash(message) })

/** SHA-256, lower-case hexadecimal. */
export const sha256 = (content: Uint8Array | string): string => Crypto.hash("sha256", content, "hex")
