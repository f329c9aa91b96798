/** By which means somebody shows who they are. A device's key, a passkey and a provider open a session; the others only confirm one. */
import * as Schema from "effect/Schema"
import { Text } from "../ids.ts"

export const Means = Schema.Literal("device", "passkey", "provider", "totp", "recovery-code")
export type Means = typeof Means.Type

/** Those that are a factor of their own, beside the key of a device: where there is one, it is asked for. */
export const factors: ReadonlyArray<Means> = ["totp", "passkey"]

/** A session, counted by nobody: 128 random bits. */
export const SessionId = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z0-9_-]{22}$/),
  Schema.annotations({
    identifier: "SessionId",
    arbitrary: () => (fc: any) => fc.constantFrom("A".repeat(22), "B".repeat(22))
  }),
  Schema.brand("SessionId")
)
export type SessionId = typeof SessionId.Type

/** Where a request came from, cut short: a network and a browser, not a person. */
export const From = { address: Text.pipe(Schema.maxLength(64)), agent: Text.pipe(Schema.maxLength(256)) }
