/** Taking everything out: what is in the file, who can read it, how far it is, and the way to stop. */
import { createSignal, onCleanup, Show } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { sentenceOf } from "../account/Sentences.ts"
import { Button } from "../ui/Button.tsx"
import { bytes } from "../ui/Counts.ts"
import { Field } from "../ui/Field.tsx"
import { Form } from "../ui/Form.tsx"
import { Problem } from "../ui/Problem.tsx"
import { Progress } from "../ui/Progress.tsx"
import { exportAccount } from "./ExportFile.ts"

/** A shorter one is found by trying, whatever a try costs. */
const LengthMin = 12

export const ExportAccount = () => {
  let running: AbortController | undefined
  const [come, setCome] = createSignal(0)
  const [saved, setSaved] = createSignal<string>()
  const { busy, doing, problem, say } = createDoing((error) =>
    running?.signal.aborted === true ? undefined : sentenceOf(error)
  )
  onCleanup(() => running?.abort())
  const begin = (passphrase: string) => {
    if (passphrase !== "" && passphrase.length < LengthMin) {
      say(`A passphrase of fewer than ${LengthMin} characters is found by trying. Four or five words are a good one.`)
      return
    }
    const own = running = new AbortController()
    setCome(0)
    setSaved(undefined)
    void doing(async () => void setSaved(await exportAccount({ passphrase, signal: own.signal, onBytes: setCome })))
  }
  return (
    <>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        One file with all your conversations, files, settings and history, in open formats that other programs read. Any
        VIVIM node takes it on its import page. Conversations that are sealed are in it as they are: only your devices
        open them.
      </p>
      <Form onTyped={(typed) => begin(typed("passphrase"))}>
        <Field
          label="Seal with a passphrase (optional)"
          name="passphrase"
          type="password"
          autocomplete="new-password"
          class="max-w-md"
          help="The file is sealed in this browser with age, and any age program opens it. Without a passphrase, whoever has the file reads everything in it. A forgotten one nobody can give back."
        />
        <Problem problem={problem()} />
        <div class="mt-4 flex flex-wrap items-center gap-3">
          <Button type="submit" busy={busy()}>Export everything</Button>
          <Show when={busy()}>
            <Button onClick={() => running?.abort()}>Cancel</Button>
          </Show>
        </div>
      </Form>
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
