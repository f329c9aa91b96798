/** Taking an account back with the kit: what it does is said first, and a new kit is kept before it is done. */
import { createSignal, Match, onMount, Show, Switch } from "solid-js"
import { enterAs } from "../session/Session.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { LongField } from "../ui/Field.tsx"
import { Form, type Typed } from "../ui/Form.tsx"
import { Problem } from "../ui/Problem.tsx"
import { createDoing } from "./Doing.ts"
import { HandleField, handleIn } from "./Handle.tsx"
import { keys, type Recovering } from "./Keys.ts"
import { KitSteps } from "./KitSteps.tsx"
import { Outside } from "./Outside.tsx"

interface KitFormProps {
  readonly problem: string | undefined
  readonly busy: boolean
  readonly onKit: (handle: string, kit: string) => void
}

const KitForm = (props: KitFormProps) => {
  const [missing, setMissing] = createSignal<string>()
  const hear = (typed: Typed) => {
    const [handle, kit] = [handleIn(typed("handle")), typed("kit")]
    setMissing(
      handle === "" ? "Type the name of your account first." : kit === "" ? "Type the groups of your kit." : undefined
    )
    if (missing() === undefined) props.onKit(handle, kit)
  }
  return (
    <Form class="mt-6" onTyped={hear}>
      <HandleField autofocus help="It stands on the kit." />
      <LongField
        class="mt-4"
        look="font-mono tracking-wider"
        label="Recovery kit"
        name="kit"
        rows={4}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        maxlength={400}
        dir="ltr"
        help="All 14 groups. Capital or small, with dashes, spaces or neither; O counts as 0, and I and L as 1."
      />
      <Problem problem={missing() ?? props.problem} />
      <Button kind="primary" type="submit" busy={props.busy} class="mt-4 w-full">Read the kit</Button>
    </Form>
  )
}

const What = (props: { readonly recovering: Recovering; readonly onAgreed: () => void }) => (
  <>
    <p class="mt-2 text-ink-soft">
      The kit opens @{props.recovering.handle}. This is what taking the account back does:
    </p>
    <ul class="mt-4 list-disc space-y-2 ps-5 marker:text-ink-faint">
      <li>This browser becomes its only device, and can read what is in it.</li>
      <li>
        <Show when={props.recovering.devices > 0} fallback="No other device is left on it.">
          {counted(props.recovering.devices, "device")} will be removed and signed out. You can let your own in again.
        </Show>
      </li>
      <li>This kit is used up. You get a new one on the next page.</li>
      <li>
        If somebody else changed the account with a stolen device, this undoes what they did within 72 hours of it, not
        after. What they have read stays read.
      </li>
    </ul>
    <Answers>
      <Button kind="primary" onClick={() => props.onAgreed()}>Go on to the new kit</Button>
    </Answers>
  </>
)

const RecoverAccount = () => {
  const [recovering, setRecovering] = createSignal<Recovering>()
  const [agreed, setAgreed] = createSignal(false)
  const [checking, setChecking] = createSignal(false)
  const { busy, doing, problem } = createDoing()
  onMount(() => void keys().catch(() => {}))
  const read = (handle: string, kit: string) =>
    void doing(async () => void setRecovering(await (await keys()).beginRecovery(handle, kit)))
  return (
    <Switch
      fallback={
        <Outside title="Recover with a kit" back="welcome" wide at={{ step: 1, of: 4 }}>
          <p class="mt-2 text-ink-soft">
            For when no device of yours is left, or one was stolen. If you still have one, adding this device from there
            is gentler.
          </p>
          <KitForm problem={problem()} busy={busy()} onKit={read} />
        </Outside>
      }
    >
      <Match when={agreed() && recovering()}>
        {(recovering) => (
          <Outside
            title={checking() ? "Have you got the new one?" : "Keep your new kit"}
            wide
            at={{ step: checking() ? 4 : 3, of: 4 }}
          >
            <Problem problem={problem()} />
            <KitSteps
              handle={recovering().handle}
              kit={recovering().kit}
              busy={busy()}
              action="Take the account back"
              onKept={() => void doing(async () => enterAs(await recovering().recover()))}
              onCheck={setChecking}
            >
              <p>
                From the moment the account is yours again the old kit opens nothing. Keep this one, and destroy the
                old.
              </p>
            </KitSteps>
          </Outside>
        )}
      </Match>
      <Match when={recovering()}>
        {(recovering) => (
          <Outside title="Before you take it back" back="welcome" wide at={{ step: 2, of: 4 }}>
            <What recovering={recovering()} onAgreed={() => setAgreed(true)} />
          </Outside>
        )}
      </Match>
    </Switch>
  )
}

export default RecoverAccount
