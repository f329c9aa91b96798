/** A new kit, shown until it is kept and then asked back: there is no way past it. */
import { createSignal, type JSX, Show } from "solid-js"
import { Answers, Button } from "../ui/Button.tsx"
import { KitCheck } from "./KitCheck.tsx"
import { KitSheet } from "./KitSheet.tsx"

interface KitStepsProps {
  readonly handle: string
  readonly kit: ReadonlyArray<string>
  readonly busy: boolean
  /** What the button says that goes on once the kit was asked back. */
  readonly action: string
  readonly onKept: () => void
  readonly onCheck?: (checking: boolean) => void
  readonly children?: JSX.Element
}

export const KitSteps = (props: KitStepsProps) => {
  const [checking, setChecking] = createSignal(false)
  const check = (on: boolean) => {
    setChecking(on)
    props.onCheck?.(on)
  }
  return (
    <Show
      when={checking()}
      fallback={
        <>
          <div class="mt-2 text-ink-soft print:hidden">{props.children}</div>
          <KitSheet handle={props.handle} kit={props.kit} />
          <Answers class="print:hidden">
            <Button kind="primary" onClick={() => check(true)}>I have kept it</Button>
          </Answers>
        </>
      }
    >
      <KitCheck
        kit={props.kit}
        busy={props.busy}
        action={props.action}
        onChecked={props.onKept}
        onBack={() => check(false)}
      />
    </Show>
  )
}
