/** Asks again who is there, by one of the means the node takes: what was asked for is done after it. */
import ShieldCheck from "lucide-solid/icons/shield-check"
import { createSignal, For, Show } from "solid-js"
import { keys } from "../account/Keys.ts"
import { sentenceOf } from "../account/Sentences.ts"
import { Refused } from "../node/Calls.ts"
import { ask } from "../node/Node.ts"
import { type Means, question } from "../session/StepUp.ts"
import { Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Field } from "../ui/Field.tsx"

const names: Readonly<Record<Means, string>> = {
  device: "This device's key",
  totp: "Authenticator",
  "recovery-code": "Recovery code"
}

const show = async (means: Means, code: string): Promise<void> => {
  if (means === "device") await (await keys()).stepUp()
  else await ask("StepUp", { means, code })
}

const problemOf = (means: Means, error: unknown): string =>
  error instanceof Refused && error.refusal._tag === "NotSignedIn" && means !== "device"
    ? "That code is not the one of just now. Codes change every 30 seconds, and each counts once."
    : sentenceOf(error)

interface ChoiceProps {
  readonly means: ReadonlyArray<Means>
  readonly chosen: Means
  readonly onChoose: (means: Means) => void
}

const Choice = (props: ChoiceProps) => (
  <fieldset class="mt-4">
    <legend class="sr-only">By what</legend>
    <div class="inline-flex flex-wrap gap-1 rounded-lg bg-sunken p-1">
      <For each={props.means}>
        {(one) => (
          <label class="cursor-pointer rounded-md px-3 py-1.5 text-sm has-checked:bg-raised has-checked:font-semibold has-checked:shadow-raised has-focus-visible:outline-2 has-focus-visible:outline-accent">
            <input
              type="radio"
              name="means"
              class="sr-only"
              checked={props.chosen === one}
              onChange={() => props.onChoose(one)}
            />
            {names[one]}
          </label>
        )}
      </For>
    </div>
  </fieldset>
)

const Shown = (props: { readonly means: ReadonlyArray<Means>; readonly onAnswer: (yes: boolean) => void }) => {
  const [means, setMeans] = createSignal<Means>(props.means[0]!)
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()
  const confirm = async (event: SubmitEvent) => {
    event.preventDefault()
    const code = String(new FormData(event.currentTarget as HTMLFormElement).get("code") ?? "").replaceAll(/\s/g, "")
    setBusy(true)
    setProblem(undefined)
    try {
      await show(means(), code)
      props.onAnswer(true)
    } catch (error) {
      setProblem(problemOf(means(), error))
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void confirm(event)}>
      <p class="text-ink-soft">What you are about to do cannot be taken back. Show once more that it is you.</p>
      <Show when={props.means.length > 1}>
        <Choice
          means={props.means}
          chosen={means()}
          onChoose={(one) => {
            setMeans(one)
            setProblem(undefined)
          }}
        />
      </Show>
      <Show
        when={means() !== "device"}
        fallback={
          <p class="mt-4 flex items-center gap-3 rounded-md bg-accent-wash px-3 py-3 text-sm">
            <ShieldCheck size={18} aria-hidden="true" class="shrink-0 text-accent" />
            The key in this browser answers for you.
          </p>
        }
      >
        <Field
          class="mt-4"
          label={means() === "totp" ? "Six digits from your authenticator" : "One of your recovery codes"}
          name="code"
          required
          autofocus
          autocomplete="one-time-code"
          inputmode={means() === "totp" ? "numeric" : "text"}
          spellcheck={false}
          maxlength={64}
          problem={problem()}
        />
      </Show>
      <Show when={means() === "device" && problem()}>
        {(problem) => <p role="alert" class="mt-3 text-sm text-danger">{problem()}</p>}
      </Show>
      <div class="mt-6 flex flex-wrap justify-end gap-2">
        <Button onClick={() => props.onAnswer(false)}>Cancel</Button>
        <Button kind="primary" type="submit" busy={busy()}>Confirm</Button>
      </div>
    </form>
  )
}

const StepUpDialog = () => {
  const known = (means: ReadonlyArray<string>) => means.filter((one): one is Means => one in names)
  return (
    <Show when={question()}>
      {(question) => (
        <Dialog open title="Confirm that it is you" onClose={() => question().answered(false)}>
          <Show
            when={known(question().means).length > 0}
            fallback={
              <p class="text-ink-soft">
                This session has no means to show again who you are. Sign in anew, and try once more.
              </p>
            }
          >
            <Shown means={known(question().means)} onAnswer={(yes) => question().answered(yes)} />
          </Show>
        </Dialog>
      )}
    </Show>
  )
}

export default StepUpDialog
