/** Taking an account back with the kit, on paper or in a passkey: what it does is said first, and what will be the way back from then on is kept before it is done. */
import { createSignal, Match, onMount, Show, Switch } from "solid-js"
import { enterAs } from "../session/Session.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { Form, type Typed } from "../ui/Form.tsx"
import { Problem } from "../ui/Problem.tsx"
import { Segments } from "../ui/Segments.tsx"
import { createDoing } from "./Doing.ts"
import { HandleField, handleIn } from "./Handle.tsx"
import { keys, type Recovering, type WayBack } from "./Keys.ts"
import { KitField } from "./KitField.tsx"
import { KitSteps } from "./KitSteps.tsx"
import { Outside } from "./Outside.tsx"
import { canUsePasskeys } from "./PasskeySupport.ts"

const waysBack: ReadonlyArray<{ readonly id: WayBack; readonly name: string }> = [
  { id: "kit", name: "With the kit" },
  { id: "passkey", name: "With a passkey" }
]

interface WayBackFormProps {
  readonly problem: string | undefined
  readonly busy: boolean
  /** The kit as it was typed; null: the passkey is to be shown. */
  readonly onWayBack: (handle: string, kit: string | null) => void
}

const WayBackForm = (props: WayBackFormProps) => {
  const [missing, setMissing] = createSignal<string>()
  const [way, setWay] = createSignal<WayBack>("kit")
  const isKit = () => way() === "kit"
  const hear = (typed: Typed) => {
    const [handle, kit] = [handleIn(typed("handle")), isKit() ? typed("kit") : null]
    setMissing(
      handle === "" ? "Type the name of your account first." : kit === "" ? "Type the groups of your kit." : undefined
    )
    if (missing() === undefined) props.onWayBack(handle, kit)
  }
  return (
    <Form class="mt-6" onTyped={hear}>
      <Show when={canUsePasskeys()}>
        <Segments class="mb-5" legend="Recover" of={waysBack} chosen={way()} onChoose={setWay} />
      </Show>
      <HandleField autofocus help={isKit() ? "It stands on the kit." : "The passkey is listed under it."} />
      <Show
        when={isKit()}
        fallback={
          <p class="mt-4 text-ink-soft">
            The passkey you made for recovery when you created the account, at{" "}
            <strong class="break-words text-ink">{location.hostname}</strong>: at another address it opens nothing.
          </p>
        }
      >
        <KitField class="mt-4" />
      </Show>
      <Problem problem={missing() ?? props.problem} />
      <Button kind="primary" type="submit" busy={props.busy} class="mt-4 w-full">
        {isKit() ? "Read the kit" : "Show the passkey"}
      </Button>
    </Form>
  )
}

interface WhatProps {
  readonly recovering: Recovering
  readonly busy: boolean
  readonly problem: string | undefined
  /** It was begun with the passkey staying: what holds from then on may be so already. */
  readonly isBegun: boolean
  readonly onHolding: (holding: WayBack) => void
}

const What = (props: WhatProps) => {
  const isKit = () => props.recovering.wayBack === "kit"
  return (
    <>
      <p class="mt-2 text-ink-soft">
        The {props.recovering.wayBack} opens @{props.recovering.handle}. This is what taking the account back does:
      </p>
      <ul class="mt-4 list-disc space-y-2 ps-5 marker:text-ink-faint">
        <li>This browser becomes its only device, and can read what is in it.</li>
        <li>
          <Show when={props.recovering.devices > 0} fallback="No other device is left on it.">
            {counted(props.recovering.devices, "device")} will be removed and signed out. You can let your own in again.
          </Show>
        </li>
        <li>
          {isKit()
            ? "This kit is used up. You get a new one on the next page."
            : "The passkey stays the way back. If you do not trust this browser, which has seen its keys now, have a kit on paper take its place."}
        </li>
        <Show when={props.recovering.voids > 0}>
          <li>
            <strong class="font-semibold text-ink">It is not the newest way back.</strong>{" "}
            A device put another in its place. If that was you, take the newer one: with this one you undo it, and may
            not be able to open what was sealed since.
          </li>
        </Show>
        <li>
          If somebody else changed the account with a stolen device, this undoes what they did within 72 hours of it,
          not after. What they have read stays read.
        </li>
      </ul>
      <Problem problem={props.problem} />
      <Answers>
        <Show
          when={!isKit()}
          fallback={<Button kind="primary" onClick={() => props.onHolding("kit")}>Go on to the new kit</Button>}
        >
          <Show when={!props.isBegun}>
            <Button disabled={props.busy} onClick={() => props.onHolding("kit")}>Go on to a kit in its place</Button>
          </Show>
          <Button kind="primary" busy={props.busy} onClick={() => props.onHolding("passkey")}>
            Take the account back
          </Button>
        </Show>
      </Answers>
    </>
  )
}

const RecoverAccount = () => {
  const [recovering, setRecovering] = createSignal<Recovering>()
  const [holding, setHolding] = createSignal<WayBack>()
  const [checking, setChecking] = createSignal(false)
  const { busy, doing, problem } = createDoing()
  onMount(() => void keys().catch(() => {}))
  const read = (handle: string, kit: string | null) =>
    void doing(async () => void setRecovering(await (await keys()).beginRecovery(handle, kit)))
  const take = (holding: WayBack) => void doing(async () => enterAs(await recovering()!.recover(holding)))
  const decide = (way: WayBack) => {
    setHolding(way)
    if (way === "passkey") take(way)
  }
  return (
    <Switch
      fallback={
        <Outside title="Recover your account" back="welcome" wide at={{ step: 1, of: 4 }}>
          <p class="mt-2 text-ink-soft">
            For when no device of yours is left, or one was stolen. If you still have one, adding this device from there
            is gentler.
          </p>
          <WayBackForm problem={problem()} busy={busy()} onWayBack={read} />
        </Outside>
      }
    >
      <Match when={holding() === "kit" && recovering()}>
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
              onKept={() => take("kit")}
              onCheck={setChecking}
            >
              <p>
                From the moment the account is yours again the old {recovering().wayBack}{" "}
                opens nothing. Keep this one, and destroy the old.
              </p>
            </KitSteps>
          </Outside>
        )}
      </Match>
      <Match when={recovering()}>
        {(recovering) => (
          <Outside title="Before you take it back" back="welcome" wide at={{ step: 2, of: 4 }}>
            <What
              recovering={recovering()}
              busy={busy()}
              problem={problem()}
              isBegun={holding() === "passkey"}
              onHolding={decide}
            />
          </Outside>
        )}
      </Match>
    </Switch>
  )
}

export default RecoverAccount
