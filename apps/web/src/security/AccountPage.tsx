/** Who the account is, how private it is, and how one leaves with or without it. */
import { Show } from "solid-js"
import { LevelSetting } from "../sealed/LevelSetting.tsx"
import { session } from "../session/Session.ts"
import { Section, SettingsFrame } from "../settings/SettingsFrame.tsx"
import { DeleteAccount } from "./DeleteAccount.tsx"
import { ExportAccount } from "./ExportAccount.tsx"
import { Identity } from "./Identity.tsx"
import { Privacy } from "./Privacy.tsx"

const AccountPage = () => (
  <SettingsFrame title="Account">
    <Section title="Identity">
      <Identity />
    </Section>
    <Section title="Privacy">
      <Privacy />
      <Show when={session()?.kind === "account"}>
        <LevelSetting />
      </Show>
    </Section>
    <Section title="Export">
      <ExportAccount />
    </Section>
    <Show when={session()?.kind === "account"}>
      <Section title="Delete account">
        <DeleteAccount />
      </Section>
    </Show>
  </SettingsFrame>
)

export default AccountPage
