/** Where one is signed in and by what, what has been done with it, and the second proof of who one is. */
import { Show } from "solid-js"
import { session } from "../session/Session.ts"
import { Section, SettingsFrame } from "../settings/SettingsFrame.tsx"
import { Authenticator } from "./Authenticator.tsx"
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
    <Section title="Security log">
      <SecurityLog />
    </Section>
  </SettingsFrame>
)

export default SecurityPage
