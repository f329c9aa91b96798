/** Deleting the account: what it means is said, and its name is typed before it is done. */
import { createSignal } from "solid-js"
import { keys } from "../account/Keys.ts"
import { sentenceOf } from "../account/Sentences.ts"
import type { Payload } from "../node/Calls.ts"
import { command } from "../node/Node.ts"
import { account, forgetAccount } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Field } from "../ui/Field.tsx"

const remove = async (): Promise<void> => {
  const { userId } = account()!
  await command("DeleteUser", { userId: userId as Payload<"DeleteUser">["userId"] })
  await keys().then((keys) => keys.wipe()).catch(() => {})
  forgetAccount(userId)
}

export const DeleteAccount = () => {
  const [asking, setAsking] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()
  const close = () => {
    setAsking(false)
    setProblem(undefined)
  }
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const typed = String(new FormData(event.currentTarget as HTMLFormElement).get("handle")).trim().replace(/^@/, "")
    if (typed.toLowerCase() !== account()?.handle) return void setProblem("That is not the name of this account.")
    setBusy(true)
    setProblem(undefined)
    try {
      await remove()
    } catch (error) {
      setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        The keys that seal your data are destroyed, and with them every conversation, search and setting of this account
        becomes unreadable, in backups too. Nobody can undo it, neither you nor who runs the node. The name is not given
        to anyone else.
      </p>
      <Button kind="danger" onClick={() => setAsking(true)}>Delete account…</Button>
      <Dialog open={asking()} title="Delete your account for good?" onClose={close}>
        <ul class="list-disc space-y-1.5 ps-5 text-ink-soft marker:text-ink-faint">
          <li>All your conversations on this node become unreadable, and are cleared away.</li>
          <li>All your devices are signed out, and the keys in this browser are wiped.</li>
          <li>The recovery kit opens nothing any more.</li>
        </ul>
        <form class="mt-5" onSubmit={(event) => void submit(event)}>
          <Field
            label={`Type ${account()?.handle ?? ""} to confirm`}
            name="handle"
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxlength={41}
            dir="ltr"
            problem={problem()}
          />
          <div class="mt-6 flex flex-wrap justify-end gap-2">
            <Button autofocus onClick={close}>Keep my account</Button>
            <Button kind="danger" type="submit" busy={busy()}>Delete for good</Button>
          </div>
        </form>
      </Dialog>
    </>
  )
}
