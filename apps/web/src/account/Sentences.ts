/** What can go wrong on the way to an account, in words that say what to do. */
import { Refused } from "../node/Calls.ts"
import { sentenceOfError } from "../ui/Notice.tsx"

const sentences: Readonly<Record<string, string>> = {
  HandleTaken:
    "Another account has this name, or one that looks like it. Choose another; your way back stays the same.",
  HandleReserved: "The node keeps this name for itself. Choose another; your way back stays the same.",
  NoSuchIdentity:
    "There is no account by this name on this node. Compare it with the name on the kit, or on your other device.",
  NodeAway: "The node does not answer. See that it runs and that you are online, and try again.",
  NotSignedIn: "The node does not take this device's key. It may have been removed from the account.",
  TooManyRequests: "That was tried too often just now. Wait a minute, and try again.",
  AccountNotActive: "This account rests, or was shut out, by those who look after this node.",
  KitOfAnother: "This is a kit, but not one of this account, or it was used up. A newer one may have been printed.",
  KitTooLate: "Somebody took this kit out of the account more than 72 hours ago: it opens nothing any more.",
  VaultLocked: "The account is locked, and the node changes nothing of it until one of its devices has unlocked it.",
  NotAnAccountFile:
    "This is no export of a VIVIM account. Choose the .zip that the old node's page Account saved, or the .age.",
  FileCutOff: "This export is cut off: its end is missing. Copy or download it again, whole.",
  AgeRefused: "The file does not open with this passphrase.",
  AgeBroken: "The sealed file was changed or cut off, and is not opened. Copy it again from where it lies whole.",
  AgeAway: "What opens and seals files could not be loaded. See that you are online, and try again.",
  NoLogInFile:
    "The account in this file has no keys of its own, so it cannot move. Create an account here, and import the file.",
  LogNotProven: "What the node shows of this account does not prove itself. It is not believed.",
  NotADevice:
    "The keys of this account are no longer in this browser, or are let in no more. Add it again as a device, or use the recovery kit.",
  NoMasterKey:
    "The node keeps no master key for this browser, so it cannot open the account. Add it again as a device, or use the recovery kit.",
  NotOpened: "What the node keeps for this browser was not sealed for its keys. It is not used.",
  CodeRefused: "That is not the code of a device, or not all of it. Copy it again.",
  PasskeyNotGiven: "No passkey was given: it was called off, or there is none for this address here.",
  PasskeyWithoutKeys:
    "The authenticator of this passkey gives no keys here, so it cannot bring an account back. Take another one, or a kit on paper.",
  PasskeyForRecovery:
    "This passkey does not sign in: it is the way back to its account. Where no device is left, choose to recover with it.",
  PasskeyNotForRecovery:
    "This passkey signs in; it was not made to bring an account back. Go back and continue with it, or show another one.",
  PasskeyOfAnother:
    "This passkey does not bring this account back: it is another account's, or a kit has taken its place.",
  PasskeyThere: "This authenticator has a passkey of yours already.",
  OperationRefused: "The node did not take the change to your account. Reload the page and try again.",
  ClockAway: "This device's clock is wrong. Set it, and try again.",
  IdentityNotLinked:
    "No account here has linked this. Sign in with one of your devices and link it on the page Security, or create an account first.",
  IdentityTaken: "Another account has linked this already. It can sign in to one account only: unlink it there first.",
  NoSuchProvider: "This node does not know that provider.",
  TurnedBack: "The provider did not say who you are. Nothing was done.",
  NotBegunHere: "This was not begun in this browser, or has been used. Begin again from here.",
  WrongStoreKey: "The node keeps your data under another key than this browser has."
}

export const sentenceOf = (error: unknown): string =>
  (error instanceof Refused ? sentences[error.refusal._tag] : undefined) ?? sentenceOfError(error)

/** The same, about what a provider said: there is no device in it. */
export const sentenceOfVisit = (error: unknown): string =>
  error instanceof Refused && error.refusal._tag === "NotSignedIn"
    ? "The provider's answer was not taken: it was too old, used already, or meant for another browser. Begin again."
    : sentenceOf(error)

/** Whether it is the chosen name that stands in the way. */
export const isAboutHandle = (error: unknown): boolean =>
  error instanceof Refused && (error.refusal._tag === "HandleTaken" || error.refusal._tag === "HandleReserved")
