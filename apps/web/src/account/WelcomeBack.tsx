/** Keys of accounts lie in this browser: one press signs in with them. */
import { createSignal, For, onMount } from "solid-js"
import { type Account, accounts, enterAs, farewell } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { Problem } from "../ui/Problem.tsx"
import { ContinueWith } from "./ContinueWith.tsx"
import { createDoing } from "./Doing.ts"
import { keys } from "./Keys.ts"
import { Outside } from "./Outside.tsx"
import { goTo } from "./Steps.ts"
import { TokenLink } from "./Welcome.tsx"

interface AccountRowProps {
  readonly account: Account
  readonly busy: boolean
  readonly disabled: boolean
  readonly onSignIn: () => void
}

const AccountRow = (props: AccountRowProps) => (
  <li class="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3.5">
    <span
      aria-hidden="true"
      class="grid size-11 shrink-0 place-items-center rounded-full bg-accent font-serif text-lg text-on-accent uppercase"
    >
      {props.account.handle.slice(0, 1)}
    </span>
    <span class="min-w-24 flex-1">
      <span class="block truncate font-semibold" dir="auto">{props.account.displayName}</span>
      <span class="block truncate text-sm text-ink-soft">@{props.account.handle}</span>
    </span>
    <Button
      kind="primary"
      class="ms-auto"
      busy={props.busy}
      disabled={props.disabled}
      aria-label={`Sign in as ${props.account.handle}`}
      onClick={() => props.onSignIn()}
    >
      Sign in
    </Button>
  </li>
)

export const WelcomeBack = () => {
  const [entering, setEntering] = createSignal<string>()
  const { busy, doing, problem, say } = createDoing()
  say(farewell()?.why)
  // What is about to be needed is on its way while the page is read.
  onMount(() => void keys().catch(() => {}))
  const signIn = (account: Account) => {
    setEntering(account.userId)
    void doing(async () => enterAs(await (await keys()).signIn(account)))
  }
  return (
    <Outside title="Welcome back">
      <p class="mt-2 text-ink-soft">Your keys are in this browser. There is no password to remember.</p>
      <ul
        aria-label="Accounts in this browser"
        class="mt-6 divide-y divide-line overflow-hidden rounded-lg border border-line bg-paper"
      >
        <For each={accounts()}>
          {(account) => (
            <AccountRow
              account={account}
              busy={busy() && entering() === account.userId}
              disabled={busy()}
              onSignIn={() => signIn(account)}
            />
          )}
        </For>
      </ul>
      <Problem problem={problem()} />
      <ContinueWith />
      <p class="mt-6 border-t border-line pt-4 text-sm text-ink-soft">
        Not you, or another account?{" "}
        <button type="button" class="text-accent underline underline-offset-4" onClick={() => goTo("welcome")}>
          See all ways in
        </button>. Do you run this node? <TokenLink />
      </p>
    </Outside>
  )
}
