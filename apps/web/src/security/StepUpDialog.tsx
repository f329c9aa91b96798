/** Asks again who is there, by one of the means the node takes: what was asked for is done after it. */
import ShieldCheck from "lucide-solid/icons/shield-check"
import { createSignal, Show } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { keys } from "../account/Keys.ts"
import { sentenceOf } from "../account/Sentences.ts"
import { ask } from "../node/Node.ts"
import { session } from "../session/Session.ts"
import { type Means, question } from "../session/StepUp.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Form } from "../ui/Form.tsx"
import { Problem } from "../ui/Problem.tsx"
import { Segments } from "../ui/Segments.tsx"
import { CodeField, codeIn, type CodeMeans, problemWith } from "./CodeField.tsx"

const names: Readonly<Record<Means, string>> = {
  device: "This device's key",
  passkey: "Passkey",
  totp: "Authenticator",
  "recovery-code": "Recovery code"
}

const isByProvider = () => session()?.kind === "provider"

const show = async (means: Means, code: string): Promise<void> => {
  if (means === "totp" || means === "recovery-code") await ask("StepUp", { means, code })
  else if (means === "device") await (await keys()).stepUp()
  else await (await keys()).stepUpByPasskey()
}

/** What answers by itself once it is asked. */
const answering: Readonly<Record<Exclude<Means, CodeMeans>, string>> = {
  device: "The key in this browser answers for you.",
  passkey: "Your browser will ask for your passkey."
}

const problemOf = (means: Means, error: unknown): string =>
  means in answering ? sentenceOf(error) : problemWith(means as CodeMeans)(error)

const Shown = (props: { readonly means: ReadonlyArray<Means>; readonly onAnswer: (yes: boolean) => void }) => {
  const [means, setMeans] = createSignal<Means>(props.means[0]!)
  const { busy, doing, problem, say } = createDoing((error) => problemOf(means(), error))
  const confirm = (code: string) =>
    doing(async () => {
      await show(means(), code)
      props.onAnswer(true)
    })
  /** What is typed, where something is. */
  const typedMeans = (): CodeMeans | undefined => {
    const chosen = means()
    return chosen === "device" || chosen === "passkey" ? undefined : chosen
  }
  return (
    <Form onTyped={(typed) => void confirm(codeIn(typed("code")))}>
      <p class="text-ink-soft">
        {isByProvider()
          ? "Your account asks for more than your provider's word. Show that it is you."
          : "What you are about to do cannot be taken back. Show once more that it is you."}
      </p>
      <Show when={props.means.length > 1}>
        <Segments
          class="mt-4"
          legend="By what"
          of={props.means.map((id) => ({ id, name: names[id] }))}
          chosen={means()}
          onChoose={(one) => {
            setMeans(one)
            say(undefined)
          }}
        />
      </Show>
      <Show
        when={typedMeans()}
        fallback={
          <>
            <p class="mt-4 flex items-center gap-3 rounded-md bg-accent-wash px-3 py-3 text-sm">
              <ShieldCheck size={18} aria-hidden="true" class="shrink-0 text-accent" />
              {answering[means() as keyof typeof answering]}
            </p>
            <Problem problem={problem()} />
          </>
        }
      >
        {(means) => <CodeField means={means()} autofocus problem={problem()} />}
      </Show>
      <Answers>
        <Button onClick={() => props.onAnswer(false)}>Cancel</Button>
        <Button kind="primary" type="submit" busy={busy()}>Confirm</Button>
      </Answers>
    </Form>
  )
}

const StepUpDialog = () => {
  const known = (means: ReadonlyArray<string>) =>
    means.filter((one): one is Means => one in names && !(one === "device" && isByProvider()))
  return (
    <Show when={question()}>
      {(question) => (
        <Dialog open title="Confirm that it is you" onClose={() => question().answered(false)}>
          <Show
            when={known(question().means).length > 0}
            fallback={
              <p class="text-ink-soft">
                {isByProvider()
                  ? "You are here by a provider's word, which is not enough for this. Sign in with one of your devices, and do it there."
                  : "This session has no means to show again who you are. Sign in anew, and try once more."}
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
