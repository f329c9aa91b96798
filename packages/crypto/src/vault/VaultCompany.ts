/**
 * The vaults of the other processes of a node, if there are any: what is unlocked in one is unlocked in all, what is locked in one is
 * locked in all. A process is alone unless it was told otherwise; `SqlVaultCompany` knows the others.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { KeysUnavailable } from "../Cipher.ts"
import type { Secrets } from "./KeyRing.ts"

/** What is to be known everywhere before whoever did it is answered. */
export type News =
  | { readonly kind: "enrolled" | "gone"; readonly owner: string }
  /** A stream has a newer key, or one less. */
  | { readonly kind: "keys"; readonly owner: string; readonly stream: string }

/** An unlocked vault. */
export interface Opened {
  readonly owner: string
  readonly secrets: Secrets
  /** When it was last asked for anything, by the clock of whoever was asked. */
  readonly usedAt: number
}

/** The vaults of one process, as the others reach them. */
export interface Own {
  readonly held: () => ReadonlyArray<Opened>
  /** Also of itself: whoever says something acts when it is heard. */
  readonly hear: (news: News) => Effect.Effect<void, KeysUnavailable>
  /** `mayStill` is asked at the last moment. */
  readonly take: (opened: Opened, mayStill: () => boolean) => Effect.Effect<void, KeysUnavailable>
  readonly drop: (owner: string) => Effect.Effect<void>
  /** Somebody used it elsewhere. */
  readonly used: (owner: string, at: number) => void
  /** Reads anew who has a vault: what was said meanwhile was not heard. */
  readonly reload: Effect.Effect<void, KeysUnavailable>
  /** Others are told that a vault is in use when it was last told so long ago. */
  readonly toldEveryMs: number
}

/** What one process does together with the others. */
export interface Together {
  /** Whether this process has heard nothing for so long that others no longer count on it: it may neither open nor seal. */
  readonly isApart: () => boolean
  /** Answers when every process that is at work has heard of it and acted. */
  readonly tell: (news: News) => Effect.Effect<void, KeysUnavailable>
  /** Takes it here and gives it to the others, unless it was locked meanwhile. */
  readonly unlocked: (opened: Opened) => Effect.Effect<void, KeysUnavailable>
  /** Answers when no process at work has its keys any more; where that cannot be told just now, it is told later. */
  readonly locked: (owner: string) => Effect.Effect<void, KeysUnavailable>
}

interface Shape {
  readonly join: (own: Own) => Effect.Effect<Together, KeysUnavailable, Scope.Scope>
}

const alone: Shape = {
  join: ({ hear, reload, take }) => {
    // Keys that are just being read must not come after what is said of them.
    const inTurn = Effect.unsafeMakeSemaphore(1).withPermits(1)
    return Effect.as(reload, {
      isApart: () => false,
      tell: (news) => inTurn(hear(news)),
      unlocked: (opened) => inTurn(take(opened, () => true)),
      locked: () => Effect.void
    })
  }
}

/** A reference, not a layer: as `Siblings`. */
export class VaultCompany extends Context.Reference<VaultCompany>()("@vivim/crypto/vault/VaultCompany", {
  defaultValue: () => alone
}) {}
