/** How private the account is, in words; and locking it by hand. */
import LockKeyhole from "lucide-solid/icons/lock-keyhole"
import LockKeyholeOpen from "lucide-solid/icons/lock-keyhole-open"
import { Show } from "solid-js"
import { createDoing, inNote } from "../account/Doing.ts"
import { ask, watch } from "../node/Node.ts"
import { session } from "../session/Session.ts"
import { setLocked, unlock } from "../session/Vault.ts"
import { Button } from "../ui/Button.tsx"
import { toast } from "../ui/Toasts.tsx"
import { Answered, Row, rowsLook } from "./Rows.tsx"

type State = "open" | "locked" | "unlocked" | "gone"

const words: Readonly<Record<State, { readonly title: string; readonly what: string }>> = {
  open: {
    title: "Sealed with the node's key",
    what: "Everything on disk is sealed, but with a key the node keeps. Whoever runs the node can read it."
  },
  unlocked: {
    title: "Served: sealed with your key, open now",
    what:
      "Everything on disk is sealed with your key. The node holds it in memory while you are here, so that it can search for you, and forgets it when you sign out or are away for long."
  },
  locked: {
    title: "Served: sealed with your key, locked",
    what: "The node has forgotten your key and can read nothing of yours until one of your devices opens it."
  },
  gone: {
    title: "Destroyed",
    what: "The keys of this account were destroyed. What they sealed cannot be read by anyone."
  }
}

const toggle = async (state: State): Promise<void> => {
  if (state === "locked") {
    if (!await unlock()) toast("The keys in this browser did not open it.", { kind: "trouble" })
    return
  }
  await ask("LockVault", {})
  setLocked(true)
}

export const Privacy = () => {
  const vault = watch("WatchVault", () => ({}))
  const { busy, doing } = createDoing(inNote)
  return (
    <Answered of={vault} rows={1}>
      {(status) => (
        <ul aria-label="Privacy" class={rowsLook}>
          <Row
            icon={status().state === "locked" ? <LockKeyhole size={18} /> : <LockKeyholeOpen size={18} />}
            title={words[status().state].title}
            action={
              <Show
                when={session()?.kind === "account" && (status().state === "locked" || status().state === "unlocked")}
              >
                <Button
                  size="small"
                  busy={busy()}
                  onClick={() => void doing(() => toggle(status().state))}
                >
                  {status().state === "locked" ? "Unlock" : "Lock now"}
                </Button>
              </Show>
            }
          >
            <span class="block max-w-[56ch]">{words[status().state].what}</span>
          </Row>
        </ul>
      )}
    </Answered>
  )
}
