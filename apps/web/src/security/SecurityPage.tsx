/** Where one is signed in, what has been done with it, and the second proof of who one is. */
import { Section, SettingsFrame } from "../settings/SettingsFrame.tsx"
import { Authenticator } from "./Authenticator.tsx"
import { SecurityLog } from "./SecurityLog.tsx"
import { Sessions } from "./Sessions.tsx"

const SecurityPage = () => (
  <SettingsFrame title="Security">
    <Section title="Sessions">
      <Sessions />
    </Section>
    <Section title="Authenticator">
      <Authenticator />
    </Section>
    <Section title="Security log">
      <SecurityLog />
    </Section>
  </SettingsFrame>
)

export default SecurityPage
