/** Where one is signed in and by what, what has been done with it, and the second proof of who one is. */
import { A } from "@solidjs/router"
import { Show } from "solid-js"
import { session } from "../session/Session.ts"
import { Section, SettingsFrame } from "../settings/SettingsFrame.tsx"
import { Authenticator } from "./Authenticator.tsx"
import { ExchangeStatus, newKitPath } from "./ExchangeStatus.tsx"
import { LinkedProviders } from "./LinkedProviders.tsx"
import { Passkeys } from "./Passkeys.tsx"
import { SecurityLog } from "./SecurityLog.tsx"
import { Sessions } from "./Sessions.tsx"

const SecurityPage = () => (
  <SettingsFrame title="Security">
    <Section title="Sessions">
      <Sessions />
    </Section>
    <Section title="Passkeys">
      <Passkeys />
    </Section>
    <Section title="Authenticator">
      <Authenticator />
    </Section>
    <Show when={session()?.kind !== "token"}>
      <Section title="Sign-in with a provider">
        <LinkedProviders />
      </Section>
    </Show>
    <Show when={session()?.kind === "account"}>
      <Section title="Recovery kit">
        <p class="mb-4 max-w-[60ch] text-ink-soft">
          The kit takes your account back when no device is left. If you have lost it, or somebody may have seen it,
          have a new one.
        </p>
        <A
          href={newKitPath}
          class="inline-block py-1 font-semibold text-accent underline underline-offset-4"
        >
          Print a new recovery kit
        </A>
        <ExchangeStatus />
      </Section>
    </Show>
    <Section title="Security log">
      <SecurityLog />
    </Section>
  </SettingsFrame>
)

export default SecurityPage
