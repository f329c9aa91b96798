/** Letting a device in: its code is read, both sides are compared, and this device signs for it. */
import { createEffect, createSignal, on, Show } from "solid-js"
import { Comparison } from "../account/Code.tsx"
import { type Asking, keys } from "../account/Keys.ts"
import { sentenceOf } from "../account/Sentences.ts"
import { Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Field, fieldLook } from "../ui/Field.tsx"
import { toast } from "../ui/Toasts.tsx"

interface AddDeviceProps {
  /** What was scanned, or nothing yet; `undefined`: nobody is being let in. */
  readonly code: string | undefined
  readonly onClose: () => void
}

const Paste = (
  props: { readonly problem: string | undefined; readonly busy: boolean; readonly onCode: (code: string) => void }
) => (
  <form
    onSubmit={(event) => {
      event.preventDefault()
      props.onCode(String(new FormData(event.currentTarget).get("code")))
    }}
  >
    <p class="text-ink-soft">
      Scan the code on the new device with this device's camera, or copy it there and paste it here.
    </p>
    <label class="mt-4 block text-sm font-semibold">
      Code of the new device
      <textarea
        name="code"
        rows={4}
        required
        autofocus
        spellcheck={false}
        autocomplete="off"
        dir="ltr"
        aria-invalid={props.problem !== undefined}
        aria-describedby="add-device-problem"
        class={`mt-1.5 resize-none font-mono text-xs break-all ${fieldLook}`}
      />
    </label>
    <p id="add-device-problem" role="alert" class="text-sm text-danger">
      <Show when={props.problem}>{(problem) => <span class="mt-2 block">{problem()}</span>}</Show>
    </p>
    <div class="mt-6 flex justify-end">
      <Button kind="primary" type="submit" busy={props.busy}>Continue</Button>
    </div>
  </form>
)

interface CompareProps {
  readonly asking: Asking
  readonly problem: string | undefined
  readonly busy: boolean
  readonly onName: (name: string) => void
  readonly onRefuse: () => void
}

const Compare = (props: CompareProps) => (
  <form
    onSubmit={(event) => {
      event.preventDefault()
      props.onName(String(new FormData(event.currentTarget).get("name")).trim())
    }}
  >
    <p class="text-ink-soft">
      Does the new device show the same? If not, somebody has changed the code on its way: do not let it in.
    </p>
    <Comparison code={props.asking.comparison} />
    <Field class="mt-4" label="Name of the device" name="name" required value="New device" maxlength={128} dir="auto" />
    <p class="mt-3 text-sm text-ink-soft">It will read everything in your account, and may let further devices in.</p>
    <div role="alert" class="empty:hidden">
      <Show when={props.problem}>{(problem) => <p class="mt-3 text-sm text-danger">{problem()}</p>}</Show>
    </div>
    <div class="mt-6 flex flex-wrap justify-end gap-2">
      <Button onClick={() => props.onRefuse()}>It differs</Button>
      <Button kind="primary" type="submit" busy={props.busy}>It is the same: let it in</Button>
    </div>
  </form>
)

export const AddDeviceDialog = (props: AddDeviceProps) => {
  const [code, setCode] = createSignal("")
  const [asking, setAsking] = createSignal<Asking>()
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()
  const doing = async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
    } catch (error) {
      setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }
  const read = (code: string) =>
    void doing(async () => {
      // The whole address is as good as the code in it.
      const only = code.trim().replace(/^.*#add=/, "")
      setCode(only)
      setAsking(await (await keys()).readCode(only))
    })
  const close = () => {
    setAsking(undefined)
    setProblem(undefined)
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
