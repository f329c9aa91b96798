/** Who one is on this node, how the client looks, and what the node says about itself. */
import LogOut from "lucide-solid/icons/log-out"
import { createSignal, For, type JSX, Show } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"
import { setSingleKeys, singleKeys } from "../app/Shortcuts.ts"
import { leave } from "../session/SignIn.tsx"
import { Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { AboutNode } from "./AboutNode.tsx"
import { type Appearance, appearance, setAppearance } from "./Appearance.ts"
import { ProfileForm } from "./ProfileForm.tsx"

const Section = (props: { readonly title: string; readonly children: JSX.Element }) => (
  <section class="grid gap-x-8 gap-y-4 border-t border-line py-8 md:grid-cols-[11rem_minmax(0,1fr)]">
    <h2 class="font-serif text-lg">{props.title}</h2>
    <div>{props.children}</div>
  </section>
)

const appearances: ReadonlyArray<{ readonly id: Appearance; readonly name: string }> = [
  { id: "system", name: "As the system" },
  { id: "light", name: "Light" },
  { id: "dark", name: "Dark" }
]

const AppearanceChoice = () => (
  <fieldset>
    <legend class="sr-only">Appearance</legend>
    <div class="inline-flex flex-wrap gap-1 rounded-lg bg-sunken p-1">
      <For each={appearances}>
        {({ id, name }) => (
          <label class="cursor-pointer rounded-md px-4 py-1.5 has-checked:bg-accent has-checked:font-semibold has-checked:text-on-accent has-focus-visible:outline-2 has-focus-visible:outline-accent">
            <input
              type="radio"
              name="appearance"
              class="sr-only"
              checked={appearance() === id}
              onChange={() => setAppearance(id)}
            />
            {name}
          </label>
        )}
      </For>
    </div>
  </fieldset>
)

const SignOut = () => {
  const [asking, setAsking] = createSignal(false)
  return (
    <>
      <p class="mb-4 max-w-[56ch] text-ink-soft">
        This browser forgets the token. Your conversations stay on the node; to come back you need the token again.
      </p>
      <Button onClick={() => setAsking(true)}>
        <LogOut size={16} aria-hidden="true" />Sign out
      </Button>
      <Dialog open={asking()} title="Sign out of this browser?" onClose={() => setAsking(false)}>
        <p class="text-ink-soft">
          Have the token at hand: it is in the file <code class="font-mono text-sm text-ink">session.token</code>{" "}
          in the node's data directory.
        </p>
        <div class="mt-6 flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Stay</Button>
          <Button kind="primary" onClick={() => leave()}>Sign out</Button>
        </div>
      </Dialog>
    </>
  )
}

const SettingsPage = () => (
  <>
    <PageTitle title="Settings" />
    <div class="mx-auto max-w-3xl px-5 pt-7 pb-16 sm:pt-10">
      <h1 class="mb-6 font-serif text-2xl">Settings</h1>
      <Section title="Profile">
        <ProfileForm />
      </Section>
      <Section title="Appearance">
        <AppearanceChoice />
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
    </div>
  </>
)

export default SettingsPage
