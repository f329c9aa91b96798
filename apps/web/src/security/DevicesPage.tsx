/** The devices that can act for the account, and how one more is let in. */
import { useLocation } from "@solidjs/router"
import { createEffect, createSignal, on } from "solid-js"
import { session } from "../session/Session.ts"
import { Section, SettingsFrame } from "../settings/SettingsFrame.tsx"
import { Button } from "../ui/Button.tsx"
import { AddDeviceDialog } from "./AddDeviceDialog.tsx"
import { Devices } from "./Devices.tsx"

/** The code in an address that was scanned. */
const scanned = (hash: string): string | undefined => /^#add=(.+)$/.exec(hash)?.[1]

const AddDevice = () => {
  const location = useLocation()
  const [code, setCode] = createSignal<string>()
  createEffect(on(() => location.hash, (hash) => {
    const found = scanned(hash)
    if (found === undefined) return
    history.replaceState(history.state, "", window.location.pathname)
    setCode(found)
  }))
  return (
    <>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        On the new device choose{" "}
        <strong class="font-semibold text-ink">I have an account: add this device</strong>. It shows a code, which you
        scan or paste here.
      </p>
      <Button kind="primary" onClick={() => setCode("")}>Add a device</Button>
      <AddDeviceDialog code={code()} onClose={() => setCode(undefined)} />
    </>
  )
}

const DevicesPage = () => (
  <SettingsFrame title="Devices">
    {session()?.kind === "account"
      ? (
        <>
          <Section title="Your devices">
            <Devices />
          </Section>
          <Section title="Another device">
            <AddDevice />
          </Section>
        </>
      )
      : (
        <Section title="Your devices">
          <p class="max-w-[60ch] text-ink-soft">
            {session()?.kind === "provider"
              ? "You are here by a provider's word, and this browser is no device of the account. Sign in with one of its devices to see and change them."
              : "You are here by the node's token, and this account has no keys of its own: whoever holds the token opens it. Accounts that are created in a browser have devices, which stand here."}
          </p>
        </Section>
      )}
  </SettingsFrame>
)

export default DevicesPage
