/** Passkeys: which there are, what each of them opens, and having one made. */
import Fingerprint from "lucide-solid/icons/fingerprint-pattern"
import { createSignal, For, Show } from "solid-js"
import { createDoing, inNote } from "../account/Doing.ts"
import { keys } from "../account/Keys.ts"
import { canUsePasskeys } from "../account/PasskeySupport.ts"
import type { Answer } from "../node/Calls.ts"
import { ask, watch } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { dayName } from "../ui/Times.ts"
import { toast } from "../ui/Toasts.tsx"
import { exchangeKeys } from "./Exchange.ts"
import { PasskeyDialog } from "./PasskeyDialog.tsx"
import { CodesLeft } from "./RecoveryCodes.tsx"
import { Answered, Row, rowsLook } from "./Rows.tsx"

type Means = Answer<"WatchMeans">["means"][number]

/** A passkey that is a device is let go as one, too. */
const remove = async ({ device, meansId }: Means, isDevice: boolean): Promise<void> => {
  await ask("RemoveMeans", { meansId })
  if (device !== null && isDevice) {
    await (await keys()).revoke(device)
    void exchangeKeys()
  }
  toast("Removed. It opens nothing any more.")
}

interface PasskeyRowProps {
  readonly passkey: Means
  /** Its keys are in the account's log: it opens what is private. */
  readonly isDevice: boolean
}

const PasskeyRow = (props: PasskeyRowProps) => {
  const { busy, doing } = createDoing(inNote)
  return (
    <Row
      icon={<Fingerprint size={18} />}
      title={props.passkey.name}
      action={
        <Button
          size="small"
          busy={busy()}
          aria-label={`Remove ${props.passkey.name}`}
          onClick={() => void doing(() => remove(props.passkey, props.isDevice))}
        >
          Remove
        </Button>
      }
    >
      {props.isDevice ? "Signs in and opens what is private" : "Signs in only"}
      {" · "}
      {props.passkey.usedAt === null ? "never used" : `used ${dayName(props.passkey.usedAt)}`}
      {" · "}added {dayName(props.passkey.addedAt)}
    </Row>
  )
}

export const Passkeys = () => {
  const own = watch("WatchMeans", () => ({}))
  const account = watch("WatchAccount", () => ({}))
  const [making, setMaking] = createSignal(false)
  const passkeys = () => own.answer()?.means.filter(({ means }) => means === "passkey") ?? []
  const isDevice = ({ device }: Means) =>
    account.answer()?.devices.some(({ deviceId, revokedAt }) => deviceId === device && revokedAt === null) === true
  return (
    <>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        With a passkey you sign in on a browser that has none of your keys, by fingerprint, face or PIN. Where its
        authenticator gives keys, it also opens what is private there, and makes that browser one of your devices.
      </p>
      <Answered of={own} rows={1}>
        {(answer) => (
          <>
            <Show when={passkeys().length > 0}>
              <ul aria-label="Passkeys" class={rowsLook}>
                <For each={passkeys()}>
                  {(passkey) => <PasskeyRow passkey={passkey} isDevice={isDevice(passkey)} />}
                </For>
              </ul>
              <CodesLeft left={answer().recoveryCodesLeft} />
            </Show>
            <Show
              when={canUsePasskeys()}
              fallback={
                <p class="text-ink-soft not-first:mt-4">
                  Passkeys are made for a name. Open this node by its name, or on the machine it runs on by localhost,
                  to make one.
                </p>
              }
            >
              <Button class="not-first:mt-4" onClick={() => setMaking(true)}>Make a passkey</Button>
            </Show>
          </>
        )}
      </Answered>
      <Show when={making()}>
        <PasskeyDialog onClose={() => setMaking(false)} />
      </Show>
    </>
  )
}
