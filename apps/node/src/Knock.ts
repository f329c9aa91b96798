/** A knock at a door that asks for no session: counted by the network it comes from, and by whatever else is tried. */
import type { Bucket } from "@vivim/contract/Session"
import { RateLimit } from "@vivim/rate-limit/RateLimit"
import * as Effect from "effect/Effect"
import { address, retryAfter } from "./Guard.ts"

/** `tried`: an account, device or session that is tried; counted there where it is tried from, so that a stranger uses up nobody's tries. */
export const knock = (bucket: Bucket, ...tried: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const limit = yield* RateLimit
    const where = yield* address
    const who = tried.length === 0 ? [`address ${where}`] : tried.map((one) => `${one} from ${where}`)
    yield* Effect.forEach(who, (one) => limit.pass(bucket, one), { discard: true })
  }).pipe(Effect.tapErrorTag("TooManyRequests", retryAfter))
