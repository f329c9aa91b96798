/** Letting a device in: its code is read, both sides are compared, and this device signs for it. */
import { createEffect, createSignal, on, Show } from "solid-js"
import { Comparison } from "../account/Code.tsx"
import { createDoing } from "../account/Doing.ts"
import { type Asking, keys } from "../account/Keys.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Field, LongField } from "../ui/Field.tsx"
import { Form } from "../ui/Form.tsx"
import { Problem } from "../ui/Problem.tsx"
import { toast } from "../ui/Toasts.tsx"

interface AddDeviceProps {
  /** What was scanned, or nothing yet; `undefined`: nobody is being let in. */
  readonly code: string | undefined
  readonly onClose: () => void
}

const Paste = (
  props: { readonly problem: string | undefined; readonly busy: boolean; readonly onCode: (code: string) => void }
) => (
  <Form onTyped={(typed) => props.onCode(typed("code"))}>
    <p class="text-ink-soft">
      Scan the code on the new device with this device's camera, or copy it there and paste it here.
    </p>
    <LongField
      class="mt-4"
      look="font-mono text-xs break-all"
      label="Code of the new device"
      name="code"
      rows={4}
      required
      autofocus
      spellcheck={false}
      autocomplete="off"
      dir="ltr"
      problem={props.problem}
    />
    <Answers>
      <Button kind="primary" type="submit" busy={props.busy}>Continue</Button>
    </Answers>
  </Form>
)

interface CompareProps {
  readonly asking: Asking
  readonly problem: string | undefined
  readonly busy: boolean
  readonly onName: (name: string) => void
  readonly onRefuse: () => void
}

const Compare = (props: CompareProps) => (
  <Form onTyped={(typed) => props.onName(typed("name"))}>
    <p class="text-ink-soft">
      Does the new device show the same? If not, somebody has changed the code on its way: do not let it in.
    </p>
    <Comparison code={props.asking.comparison} />
    <Field class="mt-4" label="Name of the device" name="name" required value="New device" maxlength={128} dir="auto" />
    <p class="mt-3 text-sm text-ink-soft">It will read everything in your account, and may let further devices in.</p>
    <Problem problem={props.problem} />
    <Answers>
      <Button onClick={() => props.onRefuse()}>It differs</Button>
      <Button kind="primary" type="submit" busy={props.busy}>It is the same: let it in</Button>
    </Answers>
  </Form>
)

export const AddDeviceDialog = (props: AddDeviceProps) => {
  const [code, setCode] = createSignal("")
  const [asking, setAsking] = createSignal<Asking>()
  const { busy, doing, problem, say } = createDoing()
  const read = (code: string) =>
    void doing(async () => {
      // The whole address is as good as the code in it.
      const only = code.replace(/^.*#add=/, "")
      setCode(only)
      setAsking(await (await keys()).readCode(only))
    })
  const close = () => {
    setAsking(undefined)
    say(undefined)
    props.onClose()
  }
  createEffect(on(() => props.code, (code) => code !== undefined && code !== "" && read(code)))
  const letIn = (name: string) =>
    void doing(async () => {
      await (await keys()).letIn(code(), name)
      toast(`${name} is let in, and goes on by itself.`)
      close()
    })
  const differs = () => {
    toast("Nothing was let in. Show a fresh code on the new device and carry it over another way.")
    close()
  }
  return (
    <Dialog
      open={props.code !== undefined}
      title={asking() === undefined ? "Add a device" : "Compare both devices"}
      onClose={close}
    >
      <Show when={asking()} fallback={<Paste problem={problem()} busy={busy()} onCode={read} />}>
        {(asking) => <Compare asking={asking()} problem={problem()} busy={busy()} onName={letIn} onRefuse={differs} />}
      </Show>
    </Dialog>
  )
}
