/**
 * Whoever runs the node: one token, and the accounts it may act as. The token is made at the first start, told once, and kept in a file only the
 * owner can read. It is the way in before anybody has a device, and the way back in when nobody else is left.
 *
 * L1  A handle that would lead out of the folder of accounts names no account.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import * as ActorHost from "@vivim/actor/ActorHost"
import { NotAllowed, NotSignedIn } from "@vivim/contract/Refusal"
import { Session } from "@vivim/contract/Session"
import { StandingAddress } from "@vivim/contract/Standing"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as DidKey from "@vivim/crypto/DidKey"
import { type Did, DisplayName, Handle, nodeItself } from "@vivim/event-schemas/ids"
import { Views } from "@vivim/projection/Views"
import { sameWords } from "@vivim/session/SessionKey"
import { Standings } from "@vivim/standing/Standings"
import { Registration } from "@vivim/user/Registration"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { generateKeyPairSync, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import type { Asker, Credentials } from "./Authority.ts"
import type { Folders } from "./Folders.ts"

export class LocalSession extends Context.Tag("@vivim/node/LocalSession")<LocalSession, {
  /** Whose call it is, if the node's token came with it. */
  readonly recognise: (credentials: Credentials) => Effect.Effect<Asker | null, NotSignedIn>
  /** The account with this handle, opened if it is new. */
  readonly ensureAccount: (
    handle: Handle
  ) => Effect.Effect<{ readonly session: Session; readonly isNew: boolean }, NotAllowed>
  /** Whether these words are the node's own token. */
  readonly isToken: (words: string) => boolean
  /** True when the token was made by this start. */
  readonly isNew: boolean
  readonly token: string
}>() {}

/** Writes a file only its owner may read, whole or not at all, unless it is there already. */
const keep = (file: string, content: () => string): { readonly content: string; readonly isNew: boolean } => {
  const kept = () => ({ content: fs.readFileSync(file, "utf8").trim(), isNew: false })
  if (fs.existsSync(file)) return kept()
  const fresh = `${file}.${randomBytes(8).toString("hex")}.new`
  const made = content()
  fs.writeFileSync(fresh, `${made}\n`, { mode: 0o600, flag: "wx", flush: true })
  try {
    // A link is refused where the file is there already: of two processes that begin at once, one makes it for both.
    fs.linkSync(fresh, file)
    return { content: made, isNew: true }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
    return kept()
  } finally {
    fs.unlinkSync(fresh)
  }
}

/** An account's key pair; its DID is the public half. */
const newKey = () => generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })
const didOf = (jwk: { readonly x?: string }): Did => DidKey.fromEd25519(Buffer.from(jwk.x ?? "", "base64url"))

const fileOf = (at: Folders, handle: string) => path.join(at.accounts, `${handle}.key`)
const sessionOf = (at: Folders, handle: Handle): Session | null => {
  const file = fileOf(at, handle)
  if (!fs.existsSync(file)) return null
  return new Session({
    userId: didOf(JSON.parse(fs.readFileSync(file, "utf8"))),
    handle,
    device: null,
    operator: true,
    roles: ["admin"],
    runsNode: true
  })
}

/** Opens the account through its actor; that it is open already is just as well. */
const register = Effect.fnUntraced(function*(session: Session) {
  const { register } = yield* Registration
  const { handle, userId } = session
  const account = { userId, handle, displayName: DisplayName.make(handle) }
  yield* register({ commandId: yield* CommandIds.next, ...account }, { by: userId, device: null }).pipe(
    Effect.tap((receipt) => Effect.flatMap(Views, (views) => views.waitFor(receipt.position))),
    // The account is open all the same; a view that stands still is told where views are told of.
    Effect.catchTag("ViewStopped", () => Effect.void),
    // Who has a vault has an account.
    Effect.catchTags({ UserTaken: () => Effect.void, VaultLocked: () => Effect.void }),
    Effect.mapError((error) => new NotAllowed({ message: error.message }))
  )
})

/** Makes an account an admin in the name of the node; that it is one already is just as well. */
export const appoint = Effect.fnUntraced(function*(userId: Did, reason: string) {
  const ask = yield* ActorHost.client(StandingAddress)
  const commandId = yield* CommandIds.next
  yield* ask("GrantRole", { commandId, userId, role: "admin", reason }, { by: nodeItself, device: null }).pipe(
    Effect.catchTag("NothingToChange", () => Effect.void)
  )
})

export const layer = (at: Folders, first: string) =>
  Layer.effect(
    LocalSession,
    Effect.gen(function*() {
      const ground = yield* Effect.context<Registration | Views | Standings | Sharding.Sharding>()
      const one = yield* Effect.makeSemaphore(1)
      const { content: token, isNew } = keep(at.token, () => randomBytes(32).toString("base64url"))
      const owner = Handle.make(first)

      const ensureAccount = (handle: Handle) =>
        one.withPermits(1)(Effect.gen(function*() {
          const { isNew } = keep(fileOf(at, handle), () => JSON.stringify(newKey()))
          const session = sessionOf(at, handle)!
          yield* register(session).pipe(Effect.provide(ground))
          return { session, isNew }
        }))
      const { session: { userId } } = yield* ensureAccount(owner)
      // A node begins with one admin: its first account.
      if (!(yield* Standings).hasAdmin()) {
        yield* Effect.provide(appoint(userId, "the first account of the node"), ground)
      }
      const isToken = (words: string) => sameWords(words, token)

      const asWhom = (actAs: string | undefined) => {
        const handle = Schema.decodeUnknownOption(Handle)(actAs ?? owner)
        const session = Option.isNone(handle) ? null : sessionOf(at, handle.value)
        return session === null
          ? Effect.fail(new NotSignedIn({ message: `there is no account "${actAs}" on this node` }))
          : Effect.succeed(session)
      }

      return LocalSession.of({
        token,
        isNew,
        ensureAccount,
        isToken,
        recognise: Effect.fnUntraced(function*({ actAs, authorization }) {
          const given = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1]
          if (given === undefined || !isToken(given)) return null
          return { session: yield* asWhom(actAs), surety: Effect.succeed({ shownAt: null, means: [] }) }
        })
      })
    })
  )
