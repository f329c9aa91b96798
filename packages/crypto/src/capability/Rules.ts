/** What a chain of delegations must be beyond hanging together: VIVIM's profile, and UCAN 1.0 without it. */

export interface Rules {
  /** A delegation must end, and no more than so many seconds from now; null: it need not. */
  readonly lifeMax: number | null
  /** Delegations in one chain at most. */
  readonly chainMax: number
  /** Whether a link may be for whatever its issuer is given. */
  readonly powerline: boolean
  /** Whether only who may share passes on, bounds in `meta` bind, and a chain names one resource. */
  readonly bounded: boolean
}

const YEAR = 366 * 86_400

/** What a VIVIM node takes. */
export const Vivim = { lifeMax: YEAR, chainMax: 8, powerline: false, bounded: true } satisfies Rules

/** The bare specification: for its test vectors. */
export const Ucan: Rules = { lifeMax: null, chainMax: 64, powerline: true, bounded: false }
