/** What a process has decided and not yet carried out: a command to ask, a timer to wait for, an event it stumbled over. */

/**
 * `name` is the command's tag, the timer's name, or the event's type. An `event` step is one the process could not react to:
 * it is parked with its key, and later events of that key wait behind it.
 */
export interface NewStep {
  readonly id: string
  readonly kind: "ask" | "timer" | "event"
  readonly key: string
  readonly name: string
  /** Milliseconds since the epoch; not carried out before. */
  readonly dueAt: number
  readonly body: unknown
  /** Why it waits for an operator; null when it does not. */
  readonly stuck: string | null
}

/** A step taken on: `claim` tells this time from all others, so that whoever was too slow changes nothing. */
export interface Step extends Omit<NewStep, "stuck"> {
  readonly claim: number
  /** How often it failed. */
  readonly attempts: number
}

export type Claimed = Pick<Step, "id" | "claim">

/** A step to be tried again at `dueAt`, or stuck from `stuckAt` on. */
export interface Postponed extends Claimed {
  readonly dueAt: number
  readonly attempts: number
  readonly reason: string
  readonly stuckAt: number | null
}

/** A step as an operator sees it. */
export interface StuckStep {
  readonly process: string
  readonly id: string
  readonly kind: Step["kind"]
  readonly key: string
  readonly name: string
  readonly attempts: number
  readonly reason: string
  readonly stuckAt: number
}

/** So many refusals of a process are kept. */
export const RefusalsMax = 200
