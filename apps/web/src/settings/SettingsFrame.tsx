/** What all pages of the settings have in common: the title, the way between them, and sections with their names at the side. */
import { A } from "@solidjs/router"
import { For, type JSX } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"

const pages = [
  { href: "/settings", name: "General" },
  { href: "/settings/account", name: "Account" },
  { href: "/settings/devices", name: "Devices" },
  { href: "/settings/security", name: "Security" }
]

export const Section = (props: { readonly title: string; readonly children: JSX.Element }) => (
  <section class="grid gap-x-8 gap-y-4 border-t border-line py-8 first:border-t-0 md:grid-cols-[11rem_minmax(0,1fr)]">
    <h2 class="font-serif text-lg text-balance">{props.title}</h2>
    <div class="min-w-0">{props.children}</div>
  </section>
)

export const SettingsFrame = (props: { readonly title: string; readonly children: JSX.Element }) => (
  <>
    <PageTitle title={props.title === "General" ? "Settings" : `${props.title} · Settings`} />
    <div class="mx-auto max-w-3xl px-5 pt-7 pb-16 sm:pt-10">
      <h1 class="font-serif text-2xl print:hidden">Settings</h1>
      <nav aria-label="Settings" class="mt-5 flex flex-wrap gap-x-3 print:hidden border-b border-line sm:gap-x-6">
        <For each={pages}>
          {({ href, name }) => (
            <A
              href={href}
              end
              class="-mb-px border-b-2 border-transparent py-2.5 text-ink-soft transition-colors hover:text-ink"
              activeClass="!border-accent font-semibold !text-accent-strong"
            >
              {name}
            </A>
          )}
        </For>
      </nav>
      <div>{props.children}</div>
    </div>
  </>
)
