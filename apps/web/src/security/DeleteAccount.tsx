/** Deleting the account: what it means is said, and its name is typed before it is done. */
import { createSignal } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { HandleField, handleIn } from "../account/Handle.tsx"
import { keys } from "../account/Keys.ts"
import type { Payload } from "../node/Calls.ts"
import { command } from "../node/Node.ts"
import { account, beginLeaving, forgetAccount } from "../session/Session.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Form } from "../ui/Form.tsx"

const remove = async (): Promise<void> => {
  const { userId } = account()!
  const stay = beginLeaving()
  try {
    await command("DeleteUser", { userId: userId as Payload<"DeleteUser">["userId"] })
  } catch (error) {
    stay()
    throw error
  }
  await keys().then((keys) => keys.wipe()).catch(() => {})
  forgetAccount(userId)
}

export const DeleteAccount = () => {
  const [asking, setAsking] = createSignal(false)
  const { busy, doing, problem, say } = createDoing()
  const close = () => {
    setAsking(false)
    say(undefined)
  }
  const confirm = (handle: string) => {
    if (handle !== account()?.handle) say("That is not the name of this account.")
    else void doing(remove)
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
        <Form class="mt-5" onTyped={(typed) => confirm(handleIn(typed("handle")))}>
          <HandleField
            label={`Type ${account()?.handle ?? ""} to confirm`}
            required
            autocomplete="off"
            problem={problem()}
          />
          <Answers>
            <Button autofocus onClick={close}>Keep my account</Button>
            <Button kind="danger" type="submit" busy={busy()}>Delete for good</Button>
          </Answers>
        </Form>
      </Dialog>
    </>
  )
}
