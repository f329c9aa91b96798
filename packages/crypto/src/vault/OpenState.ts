/**
 * Whether a vault is open, as one process of several knows it: what it has heard of unlockings and lockings, in whatever order and
 * however often it came. Each has a number that was drawn when it began, later ones a larger one.
 *
 * O1  Whatever order things are heard in, and however often, what is known in the end is the same.
 * O2  A locking wins over every unlocking that began before it, also one that is heard of later: nothing old opens a vault again.
 * O3  An unlocking that began after the last locking counts.
 */

export interface OpenState {
  /** The newest unlocking whose keys came here; 0: none. */
  readonly given: number
  /** The newest locking that was heard of; 0: none. */
  readonly locked: number
}

export type Heard =
  | { readonly _tag: "Given"; readonly number: number }
  | { readonly _tag: "Locked"; readonly number: number }

export const nothing: OpenState = { given: 0, locked: 0 }

/** What is known is the newest of each: heard twice, or late, it changes nothing. */
export const hear = (state: OpenState, { _tag, number }: Heard): OpenState =>
  _tag === "Given"
    ? { ...state, given: Math.max(state.given, number) }
    : { ...state, locked: Math.max(state.locked, number) }

/** Whether keys of an unlocking of this number may be held. */
export const mayHold = ({ locked }: OpenState, number: number): boolean => number > locked

export const isOpen = (state: OpenState): boolean => mayHold(state, state.given)
