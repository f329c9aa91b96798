/** Having a passkey made: it is given a name, the browser asks for it, and what it opens is said, with recovery codes if it is the first. */
import { createSignal, Show } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { type AddedPasskey, keys } from "../account/Keys.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Field } from "../ui/Field.tsx"
import { Form } from "../ui/Form.tsx"
import { RecoveryCodes } from "./RecoveryCodes.tsx"

const Name = (props: { readonly onClose: () => void; readonly onAdded: (added: AddedPasskey) => void }) => {
  const { busy, doing, problem } = createDoing()
  const make = (name: string) => doing(async () => props.onAdded(await (await keys()).addPasskey(name)))
  return (
    <Form onTyped={(typed) => void make(typed("name"))}>
      <Field
        label="What you call it"
        help="Such as the name of the phone or key it lies on."
        name="name"
        required
        autofocus
        value="Passkey"
        maxlength={128}
        dir="auto"
        problem={problem()}
      />
      <Answers>
        <Button onClick={() => props.onClose()}>Cancel</Button>
        <Button kind="primary" type="submit" busy={busy()}>Continue</Button>
      </Answers>
    </Form>
  )
}

const Made = (props: { readonly added: AddedPasskey; readonly onClose: () => void }) => (
  <>
    <p class="mb-4">
      {props.added.opens
        ? "It signs you in, opens what is private, and lets a new browser in as your device."
        : "It signs you in and does no more: its authenticator gives no keys. What is private stays closed until one of your devices opens it."}
    </p>
    <Show
      when={props.added.recoveryCodes.length > 0}
      fallback={
        <Answers>
          <Button kind="primary" onClick={() => props.onClose()}>Done</Button>
        </Answers>
      }
    >
      <RecoveryCodes codes={props.added.recoveryCodes} onClose={props.onClose} />
    </Show>
  </>
)

export const PasskeyDialog = (props: { readonly onClose: () => void }) => {
  const [added, setAdded] = createSignal<AddedPasskey>()
  return (
    <Dialog open title={added() === undefined ? "Make a passkey" : "Your passkey is made"} onClose={props.onClose}>
      <Show when={added()} fallback={<Name onClose={props.onClose} onAdded={setAdded} />}>
        {(added) => <Made added={added()} onClose={props.onClose} />}
      </Show>
    </Dialog>
  )
}
