/** Recovery codes, shown the one time they are known, and how many of them are left. */
import { For, Show } from "solid-js"
import { Answers, Button } from "../ui/Button.tsx"
import { CopyButton } from "../ui/CopyButton.tsx"
import { counted } from "../ui/Counts.ts"

export const RecoveryCodes = (props: { readonly codes: ReadonlyArray<string>; readonly onClose: () => void }) => (
  <>
    <p class="text-ink-soft">
      Each of these counts once in place of your authenticator or passkey. They are shown this one time: keep them where
      you keep your kit.
    </p>
    <ul aria-label="Recovery codes" class="mt-4 grid grid-cols-2 gap-1.5">
      <For each={props.codes}>
        {(code) => <li class="rounded-md bg-sunken px-3 py-2 text-center font-mono text-sm break-all">{code}</li>}
      </For>
    </ul>
    <Answers>
      <CopyButton label="Copy" text={() => props.codes.join("\n")} />
      <Button kind="primary" onClick={() => props.onClose()}>I have kept them</Button>
    </Answers>
  </>
)

/** Few of them are a worry. */
export const CodesLeft = (props: { readonly left: number }) => (
  <p class="mt-3 text-sm" classList={{ "text-warn": props.left < 3, "text-ink-soft": props.left >= 3 }}>
    {counted(props.left, "recovery code")} left.
    <Show when={props.left < 3}>
      {" "}Set an authenticator up anew to get fresh ones.
    </Show>
  </p>
)
