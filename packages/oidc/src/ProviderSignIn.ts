/**
 * Sign-in by a provider: it opens a session and is never a key. Whoever is signed in by a device links what they are at a provider to their account;
 * from then on the provider's word opens sessions of it, and nothing that is sealed.
 *
 * O1  Who comes back opens a session of the account that linked them, once, in the browser that went; whatever is wrong is answered in the same words.
 * O2  What somebody is at a provider belongs to one account at most, also when two ask at once.
 * O3  It is linked to the account whose session went to link it, and to no other.
 * O4  People are sent back to this node's own origins, and nowhere else.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { NoSuchProvider, Provider, Returned, Visit } from "@vivim/contract/Provider"
import { IdentityNotLinked, IdentityTaken } from "@vivim/contract/Provider"
import { NothingToChange, NotSignedIn, type Unavailable, type VaultLocked } from "@vivim/contract/Refusal"
import type { Session } from "@vivim/contract/Session"
import type { Tokens } from "@vivim/contract/SignIn"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { type Did, DisplayName } from "@vivim/event-schemas/ids"
import { weatherproof } from "@vivim/projection/Doorway"
import type { From } from "@vivim/session/Opening"
import * as Means from "@vivim/session/OwnMeans"
import { Sessions } from "@vivim/session/Sessions"
import * as Tables from "@vivim/session/SessionTables"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import * as Providers from "./Providers.ts"
import * as State from "./State.ts"

interface Going {
  readonly purpose: State.Bound["purpose"]
  /** The thumbprint of the client's key, or the session that links. */
  readonly bound: string
}

export class ProviderSignIn extends Context.Tag("@vivim/oidc/ProviderSignIn")<ProviderSignIn, {
  readonly offered: ReadonlyArray<Provider>
  /** Where to go. */
  readonly depart: (visit: Visit, going: Going) => Effect.Effect<URL, NoSuchProvider | NotSignedIn | Unavailable>
  readonly signIn: <E extends { readonly _tag: string }>(
    returned: Returned,
    jkt: string,
    from: From,
    mayOpen: (userId: Did) => Effect.Effect<void, E>
  ) => Effect.Effect<Tokens, E | IdentityNotLinked | NoSuchProvider | NotSignedIn | Unavailable>
  readonly link: (
    returned: Returned,
    session: Session
  ) => Effect.Effect<
    { readonly meansId: string; readonly name: string },
    IdentityTaken | NoSuchProvider | NothingToChange | NotSignedIn | Unavailable | VaultLocked
  >
}>() {}

/** Where the web client takes up who comes back. One address for each provider: an answer of one is not taken for another's (RFC 9700, 4.4). */
export const redirectOf = (origin: string, provider: string) => `${origin}/sign-in/with/${provider}`

/** What is kept of who somebody is: found again, and not read out. */
const referenceOf = ({ issuer, subject }: Providers.Identity) =>
  `provider ${createHash("sha256").update(`${issuer}\0${subject}`).digest("base64url")}`

const isName = Schema.decodeUnknownOption(DisplayName)

/** As its user tells it from others: the address where the provider told one, else the end of a number. */
const nameOf = (label: string, { email, subject }: Providers.Identity): string =>
  Option.getOrElse(isName(`${label} · ${email ?? `…${subject.slice(-4)}`}`), () => label)

const notLinked = () =>
  new IdentityNotLinked({
    message: "no account here has linked this: sign in with your device and link it, or create an account first"
  })
const taken = () => new IdentityTaken({ message: "another account has linked this already" })

/** Of two that keep the same reference PostgreSQL refuses one: unique_violation. */
const isDouble = (cause: unknown) => (cause as { readonly code?: string } | null)?.code === "23505"

interface Ground extends Means.MeansGround {
  readonly sessions: Sessions["Type"]
  readonly providers: Providers.Providers
}

const isOwn = ({ sessions }: Ground, origin: string) =>
  sessions.origins.includes(origin) ? Effect.void : Effect.fail(Providers.notShown())

/** Who came back, if it is who went; what they came with is used up. */
const identify = Effect.fnUntraced(function*(ground: Ground, returned: Returned, going: Going) {
  const { providers, sessions: { key }, sql } = ground
  const { code, iss, origin, provider, state: text } = returned
  yield* isOwn(ground, origin)
  const state = State.read(key, text, { ...going, provider, origin }, yield* Clock.currentTimeMillis)
  if (state === null) return yield* Providers.notShown()
  if (!(yield* Tables.spend(sql, `provider ${text}`, state.expiresAt))) return yield* Providers.notShown()
  const url = new URL(redirectOf(origin, provider))
  url.search = String(new URLSearchParams({ code, state: text, ...iss === undefined ? {} : { iss } }))
  return yield* providers.identity(provider, url, state)
})

const identified = (ground: Ground, returned: Returned, going: Going) =>
  weatherproof("ask the provider", identify(ground, returned, going), ["NotSignedIn", "NoSuchProvider", "Unavailable"])

/** Who has linked this, if somebody has. */
const holderOf = ({ sql }: Ground, reference: string) =>
  Effect.map(
    sql<{ readonly user_id: Did }>`SELECT user_id FROM user_means WHERE reference = ${reference}`,
    ([row]) => row?.user_id ?? null
  )

const add = Effect.fnUntraced(function*(ground: Ground, userId: Did, label: string, identity: Providers.Identity) {
  const [id, name, reference] = [Means.newId(), nameOf(label, identity), referenceOf(identity)]
  if ((yield* holderOf(ground, reference)) === userId) {
    return yield* new NothingToChange({ message: "your account has linked this already" })
  }
  const secret = new TextEncoder().encode(JSON.stringify([identity.issuer, identity.subject]))
  yield* Means.add(ground, { userId, id, means: "provider", name, secret, counts: true, reference }).pipe(
    Effect.catchIf((error) => error._tag === "SqlError" && isDouble(error.cause), taken)
  )
  return { meansId: id, name }
})

/** The means somebody at a provider is known by; it is used now. */
const use = ({ sql }: Ground, reference: string) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.map(
      sql<{ readonly means_id: string; readonly user_id: Did }>`
        UPDATE user_means SET used_at = ${now} WHERE reference = ${reference} AND counts RETURNING means_id, user_id`,
      ([row]) => row ?? null
    ))

/** The account that linked this, and by which of its means. */
const accountOf = Effect.fnUntraced(function*(ground: Ground, identity: Providers.Identity) {
  const found = yield* use(ground, referenceOf(identity))
  if (found === null) return yield* notLinked()
  const handle = yield* Tables.handleOf(ground.sql, found.user_id)
  return handle === null ? yield* notLinked() : { userId: found.user_id, meansId: found.means_id, handle }
})

const make = Effect.fnUntraced(function*(providers: Providers.Providers, stateMax: Duration.DurationInput) {
  const sessions = yield* Sessions
  const { key, note } = sessions
  const ground: Ground = {
    sql: yield* SqlClient.SqlClient,
    cipher: yield* PayloadCipher,
    note,
    sessions,
    providers
  }
  return ProviderSignIn.of({
    offered: providers.offered,
    depart: Effect.fn("ProviderSignIn.depart")(function*({ origin, provider }, going) {
      yield* isOwn(ground, origin)
      const expiresAt = (yield* Clock.currentTimeMillis) + Duration.toMillis(stateMax)
      const state = State.make(key, { ...going, provider, origin }, expiresAt)
      return yield* providers.departure(provider, redirectOf(origin, provider), state)
    }),
    signIn: Effect.fn("ProviderSignIn.signIn")(function*(returned, jkt, from, mayOpen) {
      const identity = yield* identified(ground, returned, { purpose: "sign-in", bound: jkt })
      const account = yield* weatherproof("look for the account", accountOf(ground, identity), ["IdentityNotLinked"])
      yield* mayOpen(account.userId)
      return yield* sessions.open({ ...account, device: null, means: "provider", jkt, from })
    }),
    link: Effect.fn("ProviderSignIn.link")(function*(returned, { sessionId, userId }) {
      if (sessionId === null) return yield* Providers.notShown()
      const identity = yield* identified(ground, returned, { purpose: "link", bound: sessionId })
      const label = yield* providers.labelOf(returned.provider)
      return yield* weatherproof("link it", add(ground, userId, label, identity), ["IdentityTaken", "NothingToChange"])
    })
  })
})

export const layer = (
  all: ReadonlyArray<Providers.Named>,
  reach: Providers.Reach,
  /** How long somebody may be away at a provider. */
  stateMax: Duration.DurationInput
): Layer.Layer<ProviderSignIn, never, PayloadCipher | Sessions | SqlClient.SqlClient> =>
  Layer.effect(ProviderSignIn, make(Providers.make(all, reach), stateMax))
