/** Taking everything out: what is in the file, who can read it, how far it is, and the way to stop. */
import { createSignal, onCleanup, Show } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { sentenceOf } from "../account/Sentences.ts"
import { Button } from "../ui/Button.tsx"
import { bytes } from "../ui/Counts.ts"
import { Problem } from "../ui/Problem.tsx"
import { Progress } from "../ui/Progress.tsx"
import { exportAccount } from "./ExportFile.ts"

export const ExportAccount = () => {
  let running: AbortController | undefined
  const [come, setCome] = createSignal(0)
  const [saved, setSaved] = createSignal<string>()
  const { busy, doing, problem } = createDoing((error) =>
    running?.signal.aborted === true ? undefined : sentenceOf(error)
  )
  onCleanup(() => running?.abort())
  const begin = () => {
    const own = running = new AbortController()
    setCome(0)
    setSaved(undefined)
    void doing(async () => void setSaved(await exportAccount({ signal: own.signal, onBytes: setCome })))
  }
  return (
    <>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        One file with all your conversations, files, settings and history, in open formats that other programs read. Any
        VIVIM node takes it on its import page. Conversations that are sealed are in it as they are: only your devices
        open them.
      </p>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        Whoever has the file reads everything in it: keep it where only you are. The command line of the node seals it
        with age, under a passphrase or for a key.
      </p>
      <div class="flex flex-wrap items-center gap-3">
        <Button busy={busy()} onClick={begin}>Export everything</Button>
        <Show when={busy()}>
          <Button onClick={() => running?.abort()}>Cancel</Button>
        </Show>
      </div>
      <Problem problem={problem()} />
      <div role="status" class="mt-4 max-w-md text-sm text-ink-soft empty:hidden">
        <Show when={busy()}>
          <Progress label="Export" value={0} max={0} />
          <p class="mt-2">{bytes(come())} so far</p>
        </Show>
        <Show when={!busy() && saved()}>{(name) => <p>Saved as {name()}.</p>}</Show>
      </div>
    </>
  )
}
