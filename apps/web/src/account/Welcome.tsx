/** The first visit: what this is, and the ways to an account. */
import ChevronRight from "lucide-solid/icons/chevron-right"
import FileKey from "lucide-solid/icons/file-key"
import Fingerprint from "lucide-solid/icons/fingerprint-pattern"
import MonitorSmartphone from "lucide-solid/icons/monitor-smartphone"
import PackageOpen from "lucide-solid/icons/package-open"
import UserPlus from "lucide-solid/icons/user-plus"
import { type Component, For, Show } from "solid-js"
import { enterAs, farewell } from "../session/Session.ts"
import { Problem } from "../ui/Problem.tsx"
import { ContinueWith } from "./ContinueWith.tsx"
import { createDoing } from "./Doing.ts"
import { canKeepKeys, keys } from "./Keys.ts"
import { Outside } from "./Outside.tsx"
import { canUsePasskeys } from "./PasskeySupport.ts"
import { goTo, type Step } from "./Steps.ts"

interface Way {
  readonly step: Step
  readonly name: string
  readonly what: string
  readonly icon: Component<{ readonly size?: number }>
}

const ways: ReadonlyArray<Way> = [
  { step: "create", name: "Create account", what: "Makes your keys in this browser.", icon: UserPlus },
  {
    step: "add",
    name: "I have an account: add this device",
    what: "You let it in from a device you have.",
    icon: MonitorSmartphone
  },
  {
    step: "recover",
    name: "Recover with a kit or a passkey",
    what: "With the paper you printed or the passkey you made for it, when no device is left.",
    icon: FileKey
  },
  {
    step: "move",
    name: "Move an account here",
    what: "From a node that is gone or left, with its export and the recovery kit.",
    icon: PackageOpen
  }
]

interface WayButtonProps {
  readonly way: Omit<Way, "step">
  readonly busy?: boolean
  readonly onPress: () => void
}

const WayButton = (props: WayButtonProps) => (
  <button
    type="button"
    disabled={props.busy}
    aria-busy={props.busy === true ? "true" : undefined}
    onClick={() => props.onPress()}
    class="group flex w-full items-center gap-4 px-4 py-3.5 text-start transition-colors hover:bg-accent-wash"
  >
    <span
      aria-hidden="true"
      class="grid size-10 shrink-0 place-items-center rounded-full bg-accent-wash text-accent group-hover:bg-raised"
    >
      <props.way.icon size={20} />
    </span>
    <span class="min-w-0 flex-1">
      <span class="block font-semibold">{props.way.name}</span>
      <span class="block text-sm text-ink-soft">{props.way.what}</span>
    </span>
    <ChevronRight size={18} aria-hidden="true" class="shrink-0 text-ink-faint" />
  </button>
)

const byPasskey = {
  name: "Continue with a passkey",
  what: "Signs you in; a passkey that gives keys makes this browser your device.",
  icon: Fingerprint
}

/** The one way that leads nowhere else: the browser itself asks. */
const PasskeyWay = () => {
  const { busy, doing, problem } = createDoing()
  return (
    <>
      <WayButton
        way={byPasskey}
        busy={busy()}
        onPress={() => void doing(async () => enterAs(await (await keys()).signInByPasskey()))}
      />
      <div class="px-4 has-[p]:pb-4">
        <Problem problem={problem()} />
      </div>
    </>
  )
}

export const TokenLink = () => (
  <button
    type="button"
    onClick={() => goTo("token")}
    class="text-accent underline underline-offset-4"
  >
    Sign in with the node's token
  </button>
)

export const Welcome = () => (
  <Outside title="A home for your conversations with AI">
    <p class="mt-2 text-ink-soft">
      Everything you have asked and been told, in one place that is yours. There is no password: your keys are made on
      your own devices, and the node never has them.
    </p>
    <Problem problem={farewell()?.kind === "provider" ? farewell()?.why : undefined} />
    <Show
      when={canKeepKeys()}
      fallback={
        <p role="note" class="mt-6 rounded-md bg-warn-wash px-3 py-2.5 text-sm text-warn">
          Browsers keep keys only for secure addresses. Open this node by https, or on the machine it runs on by
          localhost, to create an account.
        </p>
      }
    >
      <ul class="-mx-2 mt-6 divide-y divide-line overflow-hidden rounded-lg border border-line sm:-mx-3">
        <For each={ways}>
          {(way) => (
            <li>
              <WayButton way={way} onPress={() => goTo(way.step)} />
            </li>
          )}
        </For>
        <Show when={canUsePasskeys()}>
          <li>
            <PasskeyWay />
          </li>
        </Show>
      </ul>
    </Show>
    <ContinueWith />
    <p class="mt-6 text-sm text-ink-soft">
      Do you run this node? <TokenLink />
    </p>
  </Outside>
)
