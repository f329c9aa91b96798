/** `vivim export-account <file>`: everything an account has kept, in one file; sealed with age here, where it is asked for. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as AgeFile from "@vivim/client/account/AgeFile"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as WholeFile from "../WholeFile.ts"
import * as Download from "./Download.ts"
import { couldNot, print, printJson, refused, say } from "./Ended.ts"
import { placeFor } from "./FilePlace.ts"
import { reach } from "./NodeConnection.ts"
import * as ProgressLine from "./ProgressLine.ts"
import { actAs, json } from "./Switches.ts"

const file = Args.text({ name: "file" }).pipe(Args.withDescription("Where the export goes"))
const force = Options.boolean("force").pipe(Options.withDescription("Take the place of a file that is there already"))
const passphraseFile = Options.text("passphrase-file").pipe(
  Options.withDescription("Seal it with age, under the passphrase in the first line of this file"),
  Options.optional
)
const recipient = Options.text("recipient").pipe(
  Options.withDescription("Seal it with age, to the key behind this recipient (age1…)"),
  Options.optional
)

/** The first line of a file: what stands on a command line is seen by everybody on the machine. */
const passphraseIn = (path: string) =>
  Effect.try({
    try: () => Redacted.make(fs.readFileSync(path, "utf8").split(/\r?\n/)[0]!),
    catch: () => refused(`${path} cannot be read.`)
  }).pipe(
    Effect.filterOrFail((passphrase) => Redacted.value(passphrase) !== "", () =>
      refused(`${path} begins with an empty line.`))
  )

const sealingOf = (
  given: { readonly passphraseFile: Option.Option<string>; readonly recipient: Option.Option<string> }
) =>
  Effect.gen(function*() {
    const { passphraseFile, recipient } = given
    if (Option.isSome(recipient) && Option.isSome(passphraseFile)) {
      return yield* refused("Say --passphrase-file or --recipient, not both.")
    }
    if (Option.isSome(recipient)) return { recipient: recipient.value } satisfies AgeFile.SealedFor
    if (Option.isNone(passphraseFile)) return null
    return { passphrase: yield* passphraseIn(passphraseFile.value) } satisfies AgeFile.SealedFor
  })

const sealed = <E>(bytes: Stream.Stream<Uint8Array, E>, sealing: AgeFile.SealedFor) =>
  Stream.unwrap(Effect.map(
    Effect.mapError(AgeFile.seal(Stream.toReadableStream(bytes), sealing), ({ message }) => refused(message)),
    (stream) =>
      Stream.fromReadableStream({
        evaluate: () => stream,
        onError: () => couldNot("The node ended the export early: its own log says why. No file was written.")
      })
  ))

const download = { path: "account/export", doing: "export the account", what: "the export" }

export const exportAccountCommand = Command.make(
  "export-account",
  { file, force, passphraseFile, recipient, actAs, json },
  (given) =>
    Effect.gen(function*() {
      const at = yield* placeFor(given.file, given.force)
      const sealing = yield* sealingOf(given)
      const reached = yield* reach(Option.getOrUndefined(given.actAs))
      const progress = yield* ProgressLine.make
      const plain = Download.bytesOf(reached, download)
      const bytes = sealing === null ? plain : sealed(plain, sealing)
      let size = 0
      const { answer: _, ...written } = yield* WholeFile.write(at, (keep) =>
        Stream.runForEach(bytes, (chunk) => {
          size += chunk.length
          return Effect.zipRight(keep(chunk), progress.show(`exported: ${ProgressLine.size(size)}`))
        })).pipe(
          Effect.ensuring(progress.end),
          Effect.catchTag("FileNotWritten", ({ message }) => couldNot(`${message}. No export was made.`))
        )
      yield* given.json
        ? printJson(written)
        : print(`${written.file}  ${ProgressLine.size(written.bytes)}\nSHA-256 of the file:   ${written.sha256}`)
      if (sealing === null) {
        yield* say("Whoever has this file can read all of it: keep it where only you are, or seal it.")
      }
    })
).pipe(Command.withDescription("Take everything of an account out, in one file of open formats"))
