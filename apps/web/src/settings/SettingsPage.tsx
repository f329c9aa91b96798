/** Who one is on this node, how the client looks, and what the node says about itself. */
import { Show } from "solid-js"
import { setSingleKeys, singleKeys } from "../app/Shortcuts.ts"
import { Segments } from "../ui/Segments.tsx"
import { AboutNode } from "./AboutNode.tsx"
import { type Appearance, appearance, setAppearance } from "./Appearance.ts"
import { ProfileForm } from "./ProfileForm.tsx"
import { Section, SettingsFrame } from "./SettingsFrame.tsx"
import { SignOut } from "./SignOut.tsx"

const appearances: ReadonlyArray<{ readonly id: Appearance; readonly name: string }> = [
  { id: "system", name: "As the system" },
  { id: "light", name: "Light" },
  { id: "dark", name: "Dark" }
]

const SettingsPage = () => (
  <SettingsFrame title="General">
    <Section title="Profile">
      <ProfileForm />
    </Section>
    <Section title="Appearance">
      <Segments legend="Appearance" of={appearances} chosen={appearance()} onChoose={setAppearance} />
    </Section>
    <Section title="Keyboard">
      <label class="flex max-w-[56ch] cursor-pointer items-start gap-3">
        <input
          type="checkbox"
          class="mt-1 size-4 accent-accent"
          checked={singleKeys()}
          onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        />
        <span>
          Single keys are shortcuts
          <Show when={singleKeys()}>
            <span class="block text-sm text-ink-soft">
              Turn this off if you speak to your computer, or if keys get pressed by accident.
            </span>
          </Show>
        </span>
      </label>
    </Section>
    <Section title="Session">
      <SignOut />
    </Section>
    <Section title="This node">
      <AboutNode />
    </Section>
  </SettingsFrame>
)

export default SettingsPage
