/**
 * What is known of an account, as two figures. The specification names them (`trustScore`, `verificationLevel`) and says no more; what they are made
 * of is decided here, from events alone, so that anybody who has the log comes to the same.
 *
 * F1  Verification: 0 registered; 1 the key of a device has opened a session; 2 and there is a second factor, or a provider that knows the user;
 *     3 and there are both.
 * F2  Trust grows with age and verification, halves with each suspension that was, and is nothing while the account may not act.
 */

export interface Known {
  readonly registeredAt: number
  readonly isProven: boolean
  readonly hasFactor: boolean
  readonly hasProvider: boolean
  readonly suspensions: number
  readonly mayAct: boolean
}

const FullAgeMs = 180 * 24 * 3_600_000
/** How much of the whole is age; the rest is verification. */
const AgeShare = 0.4
const LevelMax = 3

export const verificationLevel = ({ hasFactor, hasProvider, isProven }: Known): number =>
  isProven ? 1 + (hasFactor ? 1 : 0) + (hasProvider ? 1 : 0) : 0

export const trustScore = (known: Known, now: number): number => {
  if (!known.mayAct) return 0
  const age = Math.min(1, Math.max(0, now - known.registeredAt) / FullAgeMs)
  const whole = AgeShare * age + (1 - AgeShare) * verificationLevel(known) / LevelMax
  return Math.round(whole * 0.5 ** known.suspensions * 1_000) / 1_000
}
