/** This browser becomes a device of an account that exists: it shows its public keys, and goes on by itself once it was let in. */
import { createSignal, onCleanup, onMount, Show } from "solid-js"
import { enterAs } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { Form, type Typed } from "../ui/Form.tsx"
import { Code, Comparison } from "./Code.tsx"
import { createDoing } from "./Doing.ts"
import { HandleField, handleIn } from "./Handle.tsx"
import { type Joining, keys } from "./Keys.ts"
import { Outside } from "./Outside.tsx"

const Waiting = (props: { readonly joining: Joining; readonly handle: string }) => (
  <>
    <ol class="mt-3 list-decimal space-y-1 ps-5 text-ink-soft marker:text-ink-faint">
      <li>
        On a device you have, open <strong class="text-ink">Settings › Devices › Add a device</strong>.
      </li>
      <li>Scan this code with its camera, or paste it there.</li>
      <li>See that both show the same comparison code, and confirm.</li>
    </ol>
    <Code code={props.joining.code} />
    <Comparison code={props.joining.comparison} />
    <p role="status" class="mt-4 flex items-center gap-3 text-sm text-ink-soft">
      <span aria-hidden="true" class="size-2.5 shrink-0 animate-breathe rounded-full bg-lit" />
      Waiting to be let in to @{props.handle}. This page goes on by itself.
    </p>
  </>
)

const AddThisDevice = () => {
  const [handle, setHandle] = createSignal("")
  const [joining, setJoining] = createSignal<Joining>()
  const { busy, doing, problem, say } = createDoing()
  onMount(() => void keys().catch(() => {}))
  onCleanup(() => joining()?.giveUp())
  const begin = (typed: Typed) => {
    setHandle(handleIn(typed("handle")))
    if (handle() === "") say("Type the name of your account first.")
    else {void doing(async () => {
        try {
          const joining = await (await keys()).join(handle())
          setJoining(joining)
          enterAs(await joining.letIn)
        } finally {
          setJoining(undefined)
        }
      })}
  }
  return (
    <Outside
      title={joining() === undefined ? "Add this device" : "Let this device in"}
      back="welcome"
      wide={joining() !== undefined}
    >
      <Show
        when={joining()}
        fallback={
          <>
            <p class="mt-2 text-ink-soft">
              Keys are made in this browser, and a device you already have lets them in. Nothing secret travels between
              them in the open.
            </p>
            <Form class="mt-6" onTyped={begin}>
              <HandleField autofocus value={handle()} problem={problem()} />
              <Button kind="primary" type="submit" busy={busy()} class="mt-4 w-full">Show the code</Button>
            </Form>
          </>
        }
      >
        {(joining) => <Waiting joining={joining()} handle={handle()} />}
      </Show>
    </Outside>
  )
}

export default AddThisDevice
