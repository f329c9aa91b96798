/** An authenticator app as a second proof of who one is, and the recovery codes for when it is lost. */
import KeyRound from "lucide-solid/icons/key-round"
import { createSignal, For, Show } from "solid-js"
import { createDoing, inNote } from "../account/Doing.ts"
import type { Answer, Payload } from "../node/Calls.ts"
import { ask, watch } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { dayName } from "../ui/Times.ts"
import { toast } from "../ui/Toasts.tsx"
import { AuthenticatorDialog } from "./AuthenticatorDialog.tsx"
import { CodesLeft } from "./RecoveryCodes.tsx"
import { Answered, Row, rowsLook } from "./Rows.tsx"

const authenticators = ({ means }: Answer<"WatchMeans">) => means.filter(({ means }) => means === "totp")

const nameOfNew = "Authenticator"

const remove = (meansId: string): Promise<void> =>
  ask("RemoveMeans", { meansId }).then(() => toast("Removed. It shows nothing any more."), inNote)

export const Authenticator = () => {
  const own = watch("WatchMeans", () => ({}))
  const [begun, setBegun] = createSignal<{ readonly meansId: string; readonly uri: string }>()
  const { busy, doing } = createDoing(inNote)
  const begin = () =>
    doing(async () => setBegun(await ask("BeginTotp", { name: nameOfNew as Payload<"BeginTotp">["name"] })))
  return (
    <>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        With an authenticator, removing a device, deleting the account and the like ask for a code from your phone:
        whoever sits at your open browser cannot do them.
      </p>
      <Answered of={own} rows={1}>
        {(answer) => (
          <>
            <Show when={authenticators(answer()).length > 0}>
              <ul aria-label="Means" class={rowsLook}>
                <For each={authenticators(answer())}>
                  {(means) => (
                    <Row
                      icon={<KeyRound size={18} />}
                      title={means.name}
                      action={
                        <Button
                          size="small"
                          aria-label={`Remove ${means.name}`}
                          onClick={() => void remove(means.meansId)}
                        >
                          Remove
                        </Button>
                      }
                    >
                      Added {dayName(means.addedAt)}
                    </Row>
                  )}
                </For>
              </ul>
              <CodesLeft left={answer().recoveryCodesLeft} />
            </Show>
            <Button class="not-first:mt-4" busy={busy()} onClick={() => void begin()}>
              {authenticators(answer()).length > 0 ? "Set up another" : "Set up an authenticator"}
            </Button>
          </>
        )}
      </Answered>
      <Show when={begun()}>{(begun) => <AuthenticatorDialog {...begun()} onClose={() => setBegun(undefined)} />}</Show>
    </>
  )
}
