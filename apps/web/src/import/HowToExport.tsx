/** How to get one's own chats out of where they are, in plain words. */
import ChevronRight from "lucide-solid/icons/chevron-right"
import { For } from "solid-js"
import { ProviderSign } from "../ui/Providers.tsx"

const ways = [
  {
    provider: "chatgpt",
    name: "ChatGPT",
    steps: [
      "Open Settings, then Data controls, then Export data.",
      "Confirm. A mail with a link arrives after minutes or hours; the link is good for a day.",
      "Drop the zip it leads to here, as it is."
    ]
  },
  {
    provider: "claude",
    name: "Claude",
    steps: [
      "Open Settings, then Privacy, then Export data.",
      "A mail with a link arrives; the link is good for a day.",
      "Drop the zip here, or only the conversations.json that is in it."
    ]
  },
  {
    provider: "markdown",
    name: "Anything in Markdown",
    steps: [
      "A transcript is a file in which headings or names at the start of a line say who speaks: “You”, “Assistant”.",
      "Drop one file, or a folder of them."
    ]
  }
]

export const HowToExport = (props: { readonly class?: string }) => (
  <section class={props.class ?? ""}>
    <h2 class="mb-3 font-serif text-lg">How do I get an export?</h2>
    <div class="divide-y divide-line border-y border-line">
      <For each={ways}>
        {({ provider, name, steps }) => (
          <details class="group">
            <summary class="flex items-center gap-3 rounded-md px-1 py-3 font-medium hover:text-accent-strong">
              <ProviderSign provider={provider} />
              {name}
              <ChevronRight
                size={16}
                aria-hidden="true"
                class="ms-auto text-ink-faint transition-transform group-open:rotate-90"
              />
            </summary>
            <ol class="ms-8 list-decimal space-y-1.5 pe-4 pb-4 text-ink-soft">
              <For each={steps}>{(step) => <li>{step}</li>}</For>
            </ol>
          </details>
        )}
      </For>
    </div>
  </section>
)
