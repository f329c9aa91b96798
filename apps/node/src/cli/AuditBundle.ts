/** `vivim audit export` and `vivim audit verify`: an audit bundle, a part of the log with all its proofs, for whoever has no node. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as path from "node:path"
import * as Download from "./Download.ts"
import { couldNot, print, printJson, refused } from "./Ended.ts"
import { reach } from "./NodeConnection.ts"
import * as ProgressLine from "./ProgressLine.ts"
import { json } from "./Switches.ts"

/** It stands for itself: a bundle's folder gets a copy of it. */
const verifier = createRequire(import.meta.url).resolve("@vivim/audit/verify.js")

const position = (name: string, description: string) =>
  Options.integer(name).pipe(Options.withDescription(description), Options.optional)

const exportOptions = {
  target: Args.text({ name: "file or folder" }).pipe(
    Args.withDescription("A file for the bundle; or a folder that is there, for the bundle and its verifier")
  ),
  from: position("from", "The first position; the log's first one if left out"),
  to: position("to", "The last position; the log's end if left out"),
  stream: Options.text("stream").pipe(Options.withDescription("Only this stream"), Options.optional),
  sealed: Options.boolean("sealed").pipe(
    Options.withDescription("With the sealed private parts themselves, not their hashes alone")
  ),
  json
}

const queryOf = (given: {
  readonly from: Option.Option<number>
  readonly to: Option.Option<number>
  readonly stream: Option.Option<string>
  readonly sealed: boolean
}) => {
  const query = new URLSearchParams(given.sealed ? { sealed: "true" } : {})
  for (const name of ["from", "to", "stream"] as const) {
    const value = Option.getOrNull<string | number>(given[name])
    if (value !== null) query.set(name, String(value))
  }
  return query
}

const bundleOf = (query: URLSearchParams) => ({
  path: `audit/export?${query}`,
  doing: "export that",
  what: "the export",
  advice: "Run `vivim audit`."
})

/** Under its name only when it is whole and on the disk. */
const write = Effect.fnUntraced(function*<E>(file: string, bytes: Stream.Stream<Uint8Array, E>) {
  const part = `${file}.part`
  const progress = yield* ProgressLine.make
  const failed = (cause: unknown) =>
    couldNot(`${file} cannot be written (${(cause as NodeJS.ErrnoException).code ?? cause}).`)
  const attempt = <A>(work: () => A) => Effect.try({ try: work, catch: failed })
  let size = 0
  yield* Effect.scoped(Effect.gen(function*() {
    const handle = yield* Effect.acquireRelease(
      attempt(() => fs.openSync(part, "w", 0o600)),
      (opened) =>
        Effect.sync(() => {
          fs.closeSync(opened)
          fs.rmSync(part, { force: true })
        })
    )
    yield* Stream.runForEach(bytes, (chunk) =>
      Effect.zipRight(
        attempt(() => {
          for (let at = 0; at < chunk.length;) at += fs.writeSync(handle, chunk, at)
          size += chunk.length
        }),
        Effect.suspend(() => progress.show(`exporting: ${ProgressLine.size(size)}`))
      ))
    yield* attempt(() => {
      fs.fsyncSync(handle)
      fs.renameSync(part, file)
    })
  })).pipe(Effect.ensuring(progress.end))
  return size
})

/** Runs the verifier as anyone would: a process of its own, that shares nothing with the node. */
const runVerifier = (args: ReadonlyArray<string>) =>
  Effect.async<number>((resume) => {
    const child = spawn(process.execPath, [verifier, ...args], { stdio: "inherit" })
    child.once("exit", (code) => resume(Effect.succeed(code ?? 1)))
    return Effect.sync(() => void child.kill())
  })

export const exportCommand = Command.make("export", exportOptions, (given) =>
  Effect.gen(function*() {
    const at = path.resolve(given.target)
    const isFolder = fs.statSync(at, { throwIfNoEntry: false })?.isDirectory() === true
    const file = isFolder ? path.join(at, "bundle.audit") : at
    if (fs.existsSync(file)) return yield* refused(`${file} is there already: name another one.`)
    if (!fs.existsSync(path.dirname(file))) return yield* refused(`There is no folder ${path.dirname(file)}.`)
    const bytes = yield* write(file, Download.bytesOf(yield* reach(undefined), bundleOf(queryOf(given))))
    if (isFolder) yield* Effect.sync(() => fs.copyFileSync(verifier, path.join(at, "verify.mjs")))
    const check = isFolder ? "node verify.mjs bundle.audit" : `vivim audit verify ${file}`
    yield* given.json
      ? printJson({ file, bytes, verifier: isFolder ? path.join(at, "verify.mjs") : null })
      : print(`${file}  ${ProgressLine.size(bytes)}\nWhoever gets it verifies it with: ${check}`)
  })).pipe(Command.withDescription("Write a part of the log with its proofs into a bundle"))

export const verifyCommand = Command.make(
  "verify",
  {
    bundle: Args.text({ name: "bundle" }).pipe(Args.withDescription("A bundle, or the folder it lies in")),
    key: Options.text("key").pipe(
      Options.withDescription("The line of the key that must have signed it (`vivim audit head` prints it)"),
      Options.optional
    ),
    json
  },
  (given) =>
    Effect.gen(function*() {
      const at = path.resolve(given.bundle)
      const isFolder = fs.statSync(at, { throwIfNoEntry: false })?.isDirectory() === true
      const file = isFolder ? path.join(at, "bundle.audit") : at
      if (!fs.existsSync(file)) return yield* refused(`There is no bundle ${file}.`)
      const key = Option.match(given.key, { onNone: () => [], onSome: (key) => ["--key", key] })
      const code = yield* runVerifier([file, ...key, ...given.json ? ["--json"] : []])
      if (code !== 0) return yield* couldNot("The bundle proves nothing: it is not what the node exported.")
    })
).pipe(Command.withDescription("Verify a bundle, without a node and without a database"))
