/** Seals and opens the private part of an event. What it is bound to: its stream, id, type and schema version. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import type * as Effect from "effect/Effect"
import type { Cipher, KeyFailure, PayloadUnreadable } from "./Cipher.ts"

/** The part of an event's header its sealed bytes are bound to. */
export interface SealedHeader {
  readonly stream: string
  readonly owner: string
  readonly id: string
  readonly type: string
  readonly schemaVersion: number
}

/** What a sealed part is bound to, as bytes. */
export const context = ({ id, schemaVersion, stream, type }: SealedHeader) =>
  Canonical.encode(["vivim-private/1", stream, id, type, schemaVersion])

export const seal = (cipher: Cipher, header: SealedHeader, plain: Uint8Array): Effect.Effect<Uint8Array, KeyFailure> =>
  cipher.seal(header, context(header), plain)

export const open = (
  cipher: Cipher,
  event: SealedHeader & { readonly private: Uint8Array }
): Effect.Effect<Uint8Array, PayloadUnreadable | KeyFailure> => cipher.open(event, context(event), event.private)
