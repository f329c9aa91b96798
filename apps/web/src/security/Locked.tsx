/** What is private is locked on the node: instead of errors on every screen, one way to open it. */
import LockKeyhole from "lucide-solid/icons/lock-keyhole"
import { createEffect, createSignal, on, Show } from "solid-js"
import { watch } from "../node/Node.ts"
import { session } from "../session/Session.ts"
import { opened, unlock } from "../session/Vault.ts"
import { Button } from "../ui/Button.tsx"
import { Notice } from "../ui/Notice.tsx"
import { Problem } from "../ui/Problem.tsx"

export const Locked = () => {
  const [busy, setBusy] = createSignal(false)
  const [failed, setFailed] = createSignal(false)
  const vault = watch("WatchVault", () => ({}))
  // Whoever has no key here waits for a device that has one.
  createEffect(on(() => vault.answer()?.state, (state) => state === "unlocked" && opened()))
  const isAccount = () => session()?.kind === "account"
  const open = async () => {
    setBusy(true)
    setFailed(!await unlock())
    setBusy(false)
  }
  return (
    <Notice
      level={1}
      title="Your archive is locked"
      icon={<LockKeyhole size={24} />}
      action={
        <Show when={isAccount()}>
          <Button kind="primary" busy={busy()} onClick={() => void open()}>Unlock</Button>
        </Show>
      }
    >
      <Show
        when={isAccount()}
        fallback={session()?.kind === "provider"
          ? "You are signed in by a provider, which has no key of yours. Unlock your archive on one of your devices, and it opens here as well; or sign out, and sign in with a device or your recovery kit."
          : "Its keys are with its owner's devices. Sign in with one of them to open it."}
      >
        The node has forgotten your keys, so it can read nothing of yours. The ones in this browser open it again.
      </Show>
      <Problem
        problem={failed()
          ? "The keys in this browser did not open it. Sign out and in again, or use another device."
          : undefined}
      />
    </Notice>
  )
}
