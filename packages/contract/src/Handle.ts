/**
 * Handles: each is one account's, and so are all that look like it. What the node itself tells the actor of a look; not a public door.
 *
 * H1  Handles that a reader takes for one another have one look, and so one holder.
 */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Did, Handle, Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

/** Another account goes by this handle or one that looks like it, or once did. */
export class HandleTaken extends Schema.TaggedError<HandleTaken>()("HandleTaken", { handle: Handle }) {
  override get message(): string {
    return `somebody here goes by ${this.handle}, or by a handle that looks like it`
  }
}

/** The handle, or one that looks like it, is the node's own. */
export class HandleReserved extends Schema.TaggedError<HandleReserved>()("HandleReserved", { handle: Handle }) {
  override get message(): string {
    return `${this.handle}, or what it looks like, is kept for the node itself`
  }
}

/** Somebody meant to take it and has let their time pass: whoever asks must see first that they have no account. */
export class HandleLapsed extends Schema.TaggedError<HandleLapsed>()("HandleLapsed", { handle: Handle, userId: Did }) {}

const alike: Readonly<Record<string, string>> = { "0": "o", "1": "l", i: "l", m: "rn", w: "vv", "5": "s", "2": "z" }

/**
 * What a reader sees of a handle at a glance: letters and digits that look alike are one, marks between them are none. The idea of
 * Unicode TR39, 4 (skeletons); handles are ASCII, so few pairs are left. Wide letters are written as the pairs they are taken for.
 */
export const look = (handle: string): string =>
  [...handle.toLowerCase().replaceAll(/[._-]/g, "")].map((letter) => alike[letter] ?? letter).join("")

export class HandleCommands extends RpcGroup.make(
  command("ClaimHandle", "POST /handles/:handle/claim", "Hold a handle for an account that is about to be opened", {
    payload: {
      handle: Handle,
      userId: Did,
      until: Millis,
      /** Whoever let their time pass, and has no account. */
      instead: Schema.NullOr(Did)
    },
    refusals: Schema.Union(HandleTaken, HandleReserved, HandleLapsed, NothingToChange)
  }),
  command("KeepHandle", "POST /handles/:handle/keep", "An account with this handle is open", {
    payload: { handle: Handle, userId: Did },
    refusals: Schema.Union(HandleTaken, NothingToChange)
  }),
  command("RetireHandle", "POST /handles/:handle/retire", "The account with this handle is gone", {
    payload: { handle: Handle, userId: Did },
    refusals: Schema.Union(HandleTaken, NothingToChange)
  })
) {}

export const HandleAddress = Address.make({
  kind: "handle",
  commands: HandleCommands,
  id: ({ handle }) => look(handle)
})
