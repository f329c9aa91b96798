/** Each device with its name and what can be done about it: calling it something else, and letting it act no more. */
import { A } from "@solidjs/router"
import Monitor from "lucide-solid/icons/monitor"
import MonitorOff from "lucide-solid/icons/monitor-off"
import { createResource, createSignal, For, Show } from "solid-js"
import { createDoing, inNote } from "../account/Doing.ts"
import { keys } from "../account/Keys.ts"
import type { Answer, Payload } from "../node/Calls.ts"
import { command, watch } from "../node/Node.ts"
import { account } from "../session/Session.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { Dialog } from "../ui/Dialog.tsx"
import { Field } from "../ui/Field.tsx"
import { Form } from "../ui/Form.tsx"
import { dayName } from "../ui/Times.ts"
import { toast } from "../ui/Toasts.tsx"
import { exchangeKeys } from "./Exchange.ts"
import { ExchangeStatus, newKitPath } from "./ExchangeStatus.tsx"
import { Answered, Row, rowsLook } from "./Rows.tsx"

type Account = Answer<"WatchAccount">
type Device = Account["devices"][number]
interface Asked {
  readonly userId: Account["userId"]
  readonly device: Device
}

const isThis = ({ deviceId }: Device): boolean => deviceId === account()?.deviceId
const nameOf = ({ deviceId, name }: Device): string => name === "" ? `Device ${deviceId.slice(-6)}` : name

const Rename = (props: Asked & { readonly onClose: () => void }) => {
  const { busy, doing, problem } = createDoing()
  const save = (name: string) =>
    doing(async () => {
      const { device, userId } = props
      if (name !== nameOf(device)) {
        await command("NameDevice", {
          userId,
          deviceId: device.deviceId,
          name: name as Payload<"NameDevice">["name"]
        })
      }
      props.onClose()
    })
  return (
    <Dialog open title="Name this device" onClose={props.onClose}>
      <Form onTyped={(typed) => void save(typed("name"))}>
        <Field
          label="Name"
          name="name"
          required
          autofocus
          value={nameOf(props.device)}
          maxlength={128}
          dir="auto"
          problem={problem()}
        />
        <Answers>
          <Button onClick={() => props.onClose()}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy()}>Save</Button>
        </Answers>
      </Form>
    </Dialog>
  )
}

/** What becomes of the keys it knew. */
const Exchanged = () => {
  const [known] = createResource(async () => await (await keys()).kitKnown().catch(() => undefined))
  return (
    <p class="mt-3 text-ink-soft">
      <Show
        when={known() === "unknown"}
        fallback="Then the keys of your account are exchanged: the ones it knew open nothing here any more, however well it kept them."
      >
        The keys it knew still count after that. They can be exchanged once this browser knows your recovery kit, and it
        does not: <A href={newKitPath} class="text-accent underline underline-offset-4">print a new one</A>{" "}
        before or after.
      </Show>
    </p>
  )
}

const Revoke = (props: Asked & { readonly onClose: () => void }) => {
  const { busy, doing } = createDoing(inNote)
  const revoke = async () => {
    const { device } = props
    await doing(async () => {
      await (await keys()).revoke(device.deviceId)
      toast(`${nameOf(device)} was removed and is signed out.`)
      void exchangeKeys()
    })
    props.onClose()
  }
  return (
    <Dialog open title="Remove this device?" onClose={props.onClose}>
      <p class="text-ink-soft">
        <strong class="text-ink" dir="auto">{nameOf(props.device)}</strong>{" "}
        is signed out at once and cannot sign in again. What it has read, it may have kept.
      </p>
      <Exchanged />
      <Answers>
        <Button autofocus onClick={() => props.onClose()}>Keep it</Button>
        <Button kind="danger" busy={busy()} onClick={() => void revoke()}>Remove the device</Button>
      </Answers>
    </Dialog>
  )
}

const DeviceRow = (
  props: { readonly device: Device; readonly onRename: () => void; readonly onRevoke: () => void }
) => (
  <Row
    icon={props.device.revokedAt === null ? <Monitor size={18} /> : <MonitorOff size={18} />}
    title={nameOf(props.device)}
    badge={isThis(props.device) ? "This device" : undefined}
    faint={props.device.revokedAt !== null}
    action={
      <Show when={props.device.revokedAt === null}>
        <div class="flex gap-2">
          <Button size="small" aria-label={`Rename ${nameOf(props.device)}`} onClick={() => props.onRename()}>
            Rename
          </Button>
          <Show when={!isThis(props.device)}>
            <Button size="small" aria-label={`Remove ${nameOf(props.device)}`} onClick={() => props.onRevoke()}>
              Remove
            </Button>
          </Show>
        </div>
      </Show>
    }
  >
    Added {dayName(props.device.addedAt)}
    <Show when={props.device.revokedAt}>{(at) => <>, removed {dayName(at())}</>}</Show>
  </Row>
)

export const Devices = () => {
  const known = watch("WatchAccount", () => ({}))
  const [renaming, setRenaming] = createSignal<Asked>()
  const [revoking, setRevoking] = createSignal<Asked>()
  const here = () => known.answer()?.devices.filter(({ revokedAt }) => revokedAt === null) ?? []
  const gone = () => known.answer()?.devices.filter(({ revokedAt }) => revokedAt !== null) ?? []
  const row = (device: Device) => (
    <DeviceRow
      device={device}
      onRename={() => setRenaming({ userId: known.answer()!.userId, device })}
      onRevoke={() => setRevoking({ userId: known.answer()!.userId, device })}
    />
  )
  return (
    <>
      <Answered of={known} rows={1}>
        {() => (
          <>
            <ul aria-label="Devices" class={rowsLook}>
              <For each={here()}>{row}</For>
            </ul>
            <Show when={here().length === 1}>
              <p class="mt-3 max-w-[60ch] text-sm text-ink-soft">
                This is your only one. A second device is the easiest way back when one is lost; without it there is the
                recovery kit.
              </p>
            </Show>
            <Show when={gone().length > 0}>
              <details class="mt-4">
                <summary class="inline-block rounded-md py-1 text-sm text-accent underline underline-offset-4">
                  {counted(gone().length, "device")} of before
                </summary>
                <ul aria-label="Devices of before" class={`mt-3 ${rowsLook}`}>
                  <For each={gone()}>{row}</For>
                </ul>
              </details>
            </Show>
          </>
        )}
      </Answered>
      <ExchangeStatus />
      <Show when={renaming()}>{(asked) => <Rename {...asked()} onClose={() => setRenaming(undefined)} />}</Show>
      <Show when={revoking()}>{(asked) => <Revoke {...asked()} onClose={() => setRevoking(undefined)} />}</Show>
    </>
  )
}
