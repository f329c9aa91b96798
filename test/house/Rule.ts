/** A rule of the house: what it says, how it is looked for, and a small house in which it is broken. */
import type { House } from "./House.ts"

export interface Rule {
  readonly title: string
  /** What breaks the rule, one line each; empty when the house is in order. */
  readonly breaches: (house: House) => ReadonlyArray<string>
  /** A rule that cannot be broken says nothing: these files break it, and this is what it must say of them. */
  readonly witness: {
    readonly files: Readonly<Record<string, string>>
    readonly says: ReadonlyArray<string>
  }
}
