/** The suite of algorithms on this browser's own engine, for code that speaks in promises. */
import * as BrowserCryptoSuite from "@vivim/crypto/BrowserCryptoSuite"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"

const runtime = ManagedRuntime.make(BrowserCryptoSuite.layer)

/** Runs it; what fails is thrown as it is, not wrapped in the story of a fiber. */
export const run = async <A, E>(effect: Effect.Effect<A, E, CryptoSuite>): Promise<A> => {
  const outcome = await runtime.runPromise(Effect.either(effect))
  if (outcome._tag === "Left") throw outcome.left
  return outcome.right
}

export const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

/** Throws when it is none. */
export const fromBase64url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0))

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
