/** Signing out: of a token it is forgetting it, of a provider as well; of an account it is a choice between coming back with one press, and leaving no trace. */
import LogOut from "lucide-solid/icons/log-out"
import { createSignal, For, Match, Show, Switch } from "solid-js"
import { keys } from "../account/Keys.ts"
import { visits } from "../account/Providers.ts"
import { account, beginLeaving, forgetAccount, leave, session } from "../session/Session.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"

const Token = (props: { readonly onStay: () => void }) => (
  <>
    <p class="text-ink-soft">
      Have the token at hand: it is in the file <code class="font-mono text-sm text-ink">session.token</code>{" "}
      in the node's data directory.
    </p>
    <Answers>
      <Button onClick={() => props.onStay()}>Stay</Button>
      <Button kind="primary" onClick={() => leave()}>Sign out</Button>
    </Answers>
  </>
)

const Entered = (props: { readonly onStay: () => void }) => {
  const [busy, setBusy] = createSignal(false)
  const signOut = async () => {
    setBusy(true)
    beginLeaving()
    try {
      await (await visits()).signOut()
    } finally {
      leave()
    }
  }
  return (
    <>
      <p class="text-ink-soft">Your provider or one of your devices lets you in again.</p>
      <Answers>
        <Button onClick={() => props.onStay()}>Stay</Button>
        <Button kind="primary" busy={busy()} onClick={() => void signOut()}>Sign out</Button>
      </Answers>
    </>
  )
}

const choices = [
  {
    id: "keep",
    name: "Keep this device's keys",
    what: "What was shown here is wiped, and signing in again takes one press. For a device that is yours alone."
  },
  {
    id: "wipe",
    name: "Wipe everything, keys as well",
    what: "This browser stops being a device of yours. To come back you need another device, or the recovery kit."
  }
] as const

const Account = (props: { readonly onStay: () => void }) => {
  const [choice, setChoice] = createSignal<"keep" | "wipe">("keep")
  const [busy, setBusy] = createSignal(false)
  const signOut = async () => {
    setBusy(true)
    const wipe = choice() === "wipe"
    const userId = account()?.userId ?? ""
    beginLeaving()
    try {
      await (await keys()).signOut(wipe)
    } finally {
      // Whatever the node says, this browser is done.
      if (wipe) forgetAccount(userId)
      else leave()
    }
  }
  return (
    <>
      <fieldset>
        <legend class="text-ink-soft">What shall become of the keys in this browser?</legend>
        <div class="mt-4 space-y-2">
          <For each={choices}>
            {({ id, name, what }) => (
              <label
                aria-label={name}
                class="flex cursor-pointer gap-3 rounded-lg border border-line p-4 has-checked:border-accent has-checked:bg-accent-wash has-focus-visible:outline-2 has-focus-visible:outline-accent"
              >
                <input
                  type="radio"
                  name="keys"
                  class="mt-1 size-4 shrink-0 accent-accent"
                  checked={choice() === id}
                  onChange={() => setChoice(id)}
                />
                <span>
                  <span class="block font-semibold">{name}</span>
                  <span class="block text-sm text-ink-soft">{what}</span>
                </span>
              </label>
            )}
          </For>
        </div>
      </fieldset>
      <Answers>
        <Button onClick={() => props.onStay()}>Stay</Button>
        <Button kind={choice() === "wipe" ? "danger" : "primary"} busy={busy()} onClick={() => void signOut()}>
          <Show when={choice() === "wipe"} fallback="Sign out">Sign out and wipe</Show>
        </Button>
      </Answers>
    </>
  )
}

export const SignOut = () => {
  const [asking, setAsking] = createSignal(false)
  const isAccount = () => session()?.kind === "account"
  return (
    <>
      <p class="mb-4 max-w-[56ch] text-ink-soft">
        <Show
          when={isAccount()}
          fallback={session()?.kind === "provider"
            ? "Your conversations stay on the node. This browser has no keys of yours to keep."
            : "This browser forgets the token. Your conversations stay on the node; to come back you need the token again."}
        >
          Your conversations stay on the node, locked. You choose whether your keys stay in this browser.
        </Show>
      </p>
      <Button onClick={() => setAsking(true)}>
        <LogOut size={16} aria-hidden="true" />Sign out
      </Button>
      <Dialog open={asking()} title="Sign out of this browser?" onClose={() => setAsking(false)}>
        <Switch>
          <Match when={isAccount()}>
            <Account onStay={() => setAsking(false)} />
          </Match>
          <Match when={session()?.kind === "provider"}>
            <Entered onStay={() => setAsking(false)} />
          </Match>
          <Match when={session()?.kind === "token"}>
            <Token onStay={() => setAsking(false)} />
          </Match>
        </Switch>
      </Dialog>
    </>
  )
}
