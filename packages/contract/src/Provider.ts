/**
 * Sign-in by a provider (OpenID Connect). Whoever has no session knocks at plain HTTP doors: `GET /api/v1/sign-in/providers` tells which there are,
 * `POST /api/v1/sign-in/provider` with a `DPoP` proof (RFC 9449) where to go, `POST /api/v1/sign-in/provider/return` with a proof of the same key opens a
 * session. Whoever has one links what they are at a provider to their account by the calls below, and unlinks it as any other means (`RemoveMeans`).
 *
 * The provider sends people back to `/sign-in/with/<id>` of the origin they came from, with what is handed on here as `Returned`.
 */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { query } from "./Call.ts"
import { NothingToChange, NotSignedIn } from "./Refusal.ts"

/** What an operator calls a provider: in addresses, not on screens. */
export const ProviderId = Schema.String.pipe(
  Schema.pattern(/^[a-z0-9]{1,32}$/),
  Schema.annotations({ arbitrary: () => (fc: any) => fc.constantFrom("google", "work") })
)

/** A provider this node knows, as screens call it. */
export const Provider = Schema.Struct({ id: ProviderId, label: Schema.String })
export type Provider = typeof Provider.Type

/** Where one is: an origin of this node, to be sent back to. */
const Origin = Text.pipe(Schema.maxLength(512))

/** Who is to be sent to which provider. */
export const Visit = Schema.Struct({ provider: ProviderId, origin: Origin })
export type Visit = typeof Visit.Type

/** Where to go. What is in the address is good once, for a while, for the key or the session that asked. */
export const Departure = Schema.Struct({ url: Schema.String })

/** With what somebody came back. `iss` is sent by providers that name themselves (RFC 9207). */
export const Returned = Schema.Struct({
  ...Visit.fields,
  code: Text.pipe(Schema.maxLength(4_096)),
  state: Text.pipe(Schema.maxLength(512)),
  iss: Schema.optional(Text.pipe(Schema.maxLength(2_048)))
})
export type Returned = typeof Returned.Type

/** The node knows no such provider. */
export class NoSuchProvider
  extends Schema.TaggedError<NoSuchProvider>()("NoSuchProvider", { message: Schema.String })
{}
/** Whoever the provider vouches for has linked that to no account here. */
export class IdentityNotLinked
  extends Schema.TaggedError<IdentityNotLinked>()("IdentityNotLinked", { message: Schema.String })
{}
/** Another account has linked it: it belongs to one. */
export class IdentityTaken extends Schema.TaggedError<IdentityTaken>()("IdentityTaken", { message: Schema.String }) {}

export class ProviderCalls extends RpcGroup.make(
  query("BeginLink", "POST /account/providers", "Be told where to go to link what you are at a provider", {
    payload: Visit.fields,
    success: Departure,
    refusals: Schema.Union(NoSuchProvider, NotSignedIn),
    needs: { role: "user", stepUp: true, bucket: "token" }
  }),
  // Who may was asked where it began; what it began with is this session's.
  query("FinishLink", "POST /account/providers/return", "Link what a provider says you are: it opens sessions", {
    payload: Returned.fields,
    success: Schema.Struct({ meansId: Schema.String, name: Schema.String }),
    refusals: Schema.Union(NoSuchProvider, IdentityTaken, NothingToChange, NotSignedIn),
    needs: { role: "user", proven: true, bucket: "token" }
  })
) {}
