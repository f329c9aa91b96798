/**
 * Entries of the security log as sentences.
 *
 * E1  Every kind of entry is a sentence; what this build does not know is still told, by its name.
 */
interface Entry {
  readonly kind: string
  readonly means: string | null
  readonly why: string | null
}

const meansNames: Readonly<Record<string, string>> = {
  device: "a device's key",
  passkey: "a passkey",
  provider: "a linked provider",
  totp: "an authenticator",
  "recovery-code": "recovery codes"
}

const ends: Readonly<Record<string, string>> = {
  "signed-out": "Signed out",
  "signed-out-everywhere": "Signed out from elsewhere",
  "device-revoked": "Signed out, for its device was removed",
  "refresh-reused": "Ended, for its key was used twice",
  "account-closed": "Ended with the account"
}

const meansOf = (means: string | null): string => (means === null ? "something" : meansNames[means] ?? means)

export const sentenceOfEntry = ({ kind, means, why }: Entry): string => {
  switch (kind) {
    case "SessionOpened":
      return `Signed in with ${meansOf(means)}`
    case "SessionEnded":
      return ends[why ?? ""] ?? "Signed out"
    case "RefreshReused":
      return "A used-up key of a session was shown again: somebody may have copied it"
    case "CounterWentBack":
      return `Refused ${meansOf(means)} whose counter went back: somebody may have copied it`
    case "MeansAdded":
      return `Added ${meansOf(means)}`
    case "MeansRemoved":
      return `Removed ${meansOf(means)}`
    case "StoreKeyReplaced":
      return "The vault got a new key, and the one before opens it no more"
    case "AccountExported":
      return "All data of the account was exported"
    default:
      return kind
  }
}

/** What deserves a second look. */
export const isAlarming = ({ kind, why }: Entry): boolean =>
  kind === "RefreshReused" || kind === "CounterWentBack" || why === "refresh-reused"
