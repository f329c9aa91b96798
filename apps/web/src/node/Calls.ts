/** What may be asked of the node, as types alone: naming a call loads nothing of the machinery that makes it. */
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import type { NodeSession } from "@vivim/client/NodeSession"
import type { Vivim } from "@vivim/contract/Vivim"
import type { Receipt } from "@vivim/event-schemas/Receipt"

type Calls = RpcGroup.Rpcs<typeof Vivim>
type Tag = Calls["_tag"]
type Call<T extends Tag> = Extract<Calls, { readonly _tag: T }>

/** Calls that stay open: the present answer, then each new one. */
export type WatchTag = { [T in Tag]: [Rpc.SuccessChunk<Call<T>>] extends [never] ? never : T }[Tag]
/** Calls that change something. */
export type CommandTag = {
  [T in Tag]: Rpc.Payload<Call<T>> extends { readonly commandId: unknown } ? T : never
}[Tag]
/** Calls answered once. */
export type AskTag = Exclude<Tag, WatchTag | CommandTag>

type Asked<T extends Tag> = Rpc.Payload<Call<T>>

/** What a call is asked with; the id of a command is given by the link. */
export type Payload<T extends Tag> = T extends CommandTag ? Omit<Asked<T>, "commandId"> : Asked<T>

/** What a call answers: each answer of a watch, the one answer of a question, the receipt of a command. */
export type Answer<T extends Tag> = T extends WatchTag ? Rpc.SuccessChunk<Call<T>>
  : T extends CommandTag ? Receipt
  : Rpc.Success<Call<T>>

/** An answer that says no: named after a state of the world. `message`, where there is one, is meant to be read. */
export interface Refusal {
  readonly _tag: string
  readonly message?: string
  /** Of `StepUpNeeded`: by what one may show who one is. */
  readonly means?: ReadonlyArray<string>
  /** Of `KitUnreadable`: which group is to be looked at. */
  readonly group?: number
}

/** The refusal of a call, as an error that can be thrown and caught. */
export class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message ?? refusal._tag)
    this.refusal = refusal
  }
}

/** `open`: the node answers. `connecting`: not yet. `lost`: it did, and will be asked again. */
export type Connection = "connecting" | "open" | "lost"

/** Where the node is, as whom to speak to it, and who hears how the line is. */
export interface Line {
  readonly url: string
  /** The node's token, or the session of the account. */
  readonly as: string | NodeSession["Type"]
  readonly onConnection: (state: Connection) => void
}

/**
 * The line to the node. Everything that crosses it is plain data and callbacks, so that it can move into a worker.
 * Nothing on it fails because the node is away: it waits, and asks again. Only refusals end a call.
 */
export interface Link {
  /** Opens a watch; the answer is how to close it. */
  readonly watch: <T extends WatchTag>(tag: T, payload: Payload<T>, on: {
    readonly answer: (answer: Answer<T>) => void
    readonly refused: (refusal: Refusal) => void
  }) => () => void
  readonly ask: <T extends AskTag>(tag: T, payload: Payload<T>, signal?: AbortSignal) => Promise<Answer<T>>
  /** Made with one command id, however often it has to be repeated. */
  readonly command: <T extends CommandTag>(tag: T, payload: Payload<T>) => Promise<Answer<T>>
  readonly close: () => void
}
