/** The refusals any call may answer with. Those of one actor stand on its own page. */
import { Means } from "@vivim/event-schemas/session/Means"
import * as Schema from "effect/Schema"

/** No token, or one this node does not know. */
export class NotSignedIn extends Schema.TaggedError<NotSignedIn>()("NotSignedIn", { message: Schema.String }) {}

/** Signed in, but not someone who may do this. */
export class NotAllowed extends Schema.TaggedError<NotAllowed>()("NotAllowed", { message: Schema.String }) {}

/** What is asked for is sealed under keys that are not on the node just now: unlock your vault, and ask again. */
export class VaultLocked extends Schema.TaggedError<VaultLocked>()("VaultLocked", { message: Schema.String }) {}

/** Everything already is as asked; nothing was written. */
export class NothingToChange extends Schema.TaggedError<NothingToChange>()("NothingToChange", {
  message: Schema.String
}) {}

/** More than the node takes: `limit` names the switch in `effect.config.ts`. */
export class LimitExceeded extends Schema.TaggedError<LimitExceeded>()("LimitExceeded", {
  limit: Schema.String,
  max: Schema.Number,
  actual: Schema.Number,
  message: Schema.String
}) {}

/** The node cannot serve this now; the same call with the same command id may be made again after `retryAfterMs`. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  message: Schema.String,
  retryAfterMs: Schema.Int
}) {}

/** The account rests or is banned; `until` is when it may act again, null when somebody has to say so. */
export class AccountNotActive extends Schema.TaggedError<AccountNotActive>()("AccountNotActive", {
  state: Schema.Literal("suspended", "banned", "deleted"),
  until: Schema.NullOr(Schema.Int)
}) {}

/** Show again who you are, by one of `means`, and ask once more: what is asked for cannot be taken back. */
export class StepUpNeeded extends Schema.TaggedError<StepUpNeeded>()("StepUpNeeded", {
  means: Schema.Array(Means),
  maxAgeMs: Schema.Int
}) {}

/** Asked too often; the same call may be made again after `retryAfterMs`. */
export class TooManyRequests extends Schema.TaggedError<TooManyRequests>()("TooManyRequests", {
  retryAfterMs: Schema.Int
}) {}
