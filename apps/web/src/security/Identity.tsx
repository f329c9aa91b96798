/** The account's name for ever, and what its log says has been done with its keys. */
import { createEffect, createSignal, For, on, Show } from "solid-js"
import { type Change, keys } from "../account/Keys.ts"
import { sentenceOf } from "../account/Sentences.ts"
import type { Answer } from "../node/Calls.ts"
import { watch } from "../node/Node.ts"
import { session } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { CopyButton } from "../ui/CopyButton.tsx"
import { Late, Stroke } from "../ui/Late.tsx"
import { saveFile } from "../ui/SaveFile.ts"
import { Answered, Dated } from "./Rows.tsx"

/** A node that told this browser two histories of the account: what is to be done about it. */
const Forked = (props: { readonly handle: string; readonly proof: Uint8Array }) => (
  <div class="mt-4 rounded-lg border border-line bg-raised p-4 text-sm">
    <p class="font-semibold">This node told two histories of your account</p>
    <p class="mt-1 max-w-[60ch] text-ink-soft">
      The one this browser saw first counts here; the other is not believed. The proof speaks for itself: show it to
      whoever runs the node, or to another node, before you change your devices here.
    </p>
    <Button
      size="small"
      class="mt-3"
      onClick={() =>
        saveFile(`vivim-fork-${props.handle}.cbor`, Uint8Array.from(props.proof), "application/octet-stream")}
    >
      Save the proof
    </Button>
  </div>
)

const History = (props: { readonly account: Answer<"WatchAccount"> }) => {
  const [changes, setChanges] = createSignal<ReadonlyArray<Change>>()
  const [problem, setProblem] = createSignal<string>()
  const [fork, setFork] = createSignal<Uint8Array>()
  const read = () => {
    const { devices } = props.account
    setProblem(undefined)
    keys().then((keys) => keys.history(Object.fromEntries(devices.map(({ deviceId, name }) => [deviceId, name]))))
      .then(setChanges, (error: unknown) => setProblem(sentenceOf(error)))
      // What was shown just now may be what proves it.
      .then(() => keys()).then((keys) => keys.fork()).then(setFork, () => {})
  }
  // Each change of a device is one of the log.
  createEffect(on(() => JSON.stringify(props.account.devices), read))
  return (
    <>
      <Show
        when={problem()}
        fallback={
          <Show
            when={changes()}
            fallback={
              <Late>
                <Stroke class="mt-3 w-2/3" />
              </Late>
            }
          >
            {(changes) => (
              <ol aria-label="Log of the account" class="mt-3 space-y-2.5">
                <For each={changes()}>
                  {(change) => (
                    <Dated at={change.at}>
                      <span classList={{ "text-ink-faint line-through": change.undone }}>{change.what}</span>
                    </Dated>
                  )}
                </For>
              </ol>
            )}
          </Show>
        }
      >
        {(problem) => (
          <p role="alert" class="mt-3 text-sm text-ink-soft">
            {problem()} <Button size="small" onClick={read}>Try again</Button>
          </p>
        )}
      </Show>
      <Show when={fork()}>{(proof) => <Forked handle={props.account.handle} proof={proof()} />}</Show>
    </>
  )
}

export const Identity = () => {
  const known = watch("WatchAccount", () => ({}))
  return (
    <Answered of={known} rows={1}>
      {(account) => (
        <>
          <p class="text-lg font-semibold break-words">@{account().handle}</p>
          <p class="mt-1 font-mono text-sm break-all text-ink-soft">{account().userId}</p>
          <CopyButton size="small" class="mt-3" label="Copy the DID" text={() => account().userId} />
          <p class="mt-4 max-w-[60ch] text-sm text-ink-soft">
            <Show
              when={session()?.kind === "account"}
              fallback={session()?.kind === "provider"
                ? "The DID is yours on every node. What your devices signed for it is shown on them."
                : "This account was made by the node for whoever runs it. It has no log of its own keys."}
            >
              The DID is yours on every node: it is made of your first keys, and no server gave it to you. Your own
              devices sign every change to it, which this browser checks:
            </Show>
          </p>
          <Show when={session()?.kind === "account"}>
            <History account={account()} />
          </Show>
        </>
      )}
    </Answered>
  )
}
