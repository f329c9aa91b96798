/** Where a conversation came from: a name, and a small drawn sign of our own for each product. */
import { type JSX, Match, Switch } from "solid-js"

const names: Record<string, string> = {
  chatgpt: "ChatGPT",
  claude: "Claude",
  "claude-code": "Claude Code",
  codex: "Codex",
  copilot: "Copilot",
  deepseek: "DeepSeek",
  gemini: "Gemini",
  aistudio: "AI Studio",
  grok: "Grok",
  librechat: "LibreChat",
  openwebui: "Open WebUI",
  perplexity: "Perplexity",
  markdown: "Markdown",
  sealed: "Sealed",
  vivim: "VIVIM"
}

export const providerName = (provider: string): string =>
  names[provider] ?? (provider === "" ? "Unknown" : provider[0]!.toUpperCase() + provider.slice(1))

const hues = ["text-hue-a", "text-hue-b", "text-hue-c", "text-hue-d", "text-hue-e"]
const fixed: Record<string, string> = {
  chatgpt: "text-hue-a",
  claude: "text-hue-b",
  gemini: "text-hue-c",
  markdown: "text-hue-d",
  vivim: "text-accent"
}
/** A product without a colour of its own always gets the same one. */
const hueOf = (provider: string): string => {
  let sum = 0
  for (const char of provider) sum += char.codePointAt(0) ?? 0
  return fixed[provider] ?? hues[sum % hues.length]!
}

const Sign = (props: { readonly children: JSX.Element }) => (
  <svg
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    class="size-full"
  >
    {props.children}
  </svg>
)

/** Decoration: the name is always said in words beside it. */
export const ProviderSign = (props: { readonly provider: string; readonly class?: string }) => (
  <span aria-hidden="true" class={`inline-block size-4 shrink-0 ${hueOf(props.provider)} ${props.class ?? ""}`}>
    <Switch
      fallback={
        <Sign>
          <circle cx="8" cy="8" r="5.25" />
          <circle cx="8" cy="8" r="1.5" fill="currentColor" stroke="none" />
        </Sign>
      }
    >
      <Match when={props.provider === "chatgpt"}>
        <Sign>
          <path d="M8 2.5 12.75 5.25v5.5L8 13.5l-4.75-2.75v-5.5z" />
          <path d="M8 8V13.5M8 8l4.75-2.75M8 8 3.25 5.25" />
        </Sign>
      </Match>
      <Match when={props.provider.startsWith("claude")}>
        <Sign>
          <path d="M8 2.5v11M3.25 5.25l9.5 5.5M12.75 5.25l-9.5 5.5" />
        </Sign>
      </Match>
      <Match when={props.provider === "gemini" || props.provider === "aistudio"}>
        <Sign>
          <path d="M8 2.25C8.6 6 10 7.4 13.75 8 10 8.6 8.6 10 8 13.75 7.4 10 6 8.6 2.25 8 6 7.4 7.4 6 8 2.25Z" />
        </Sign>
      </Match>
      <Match when={props.provider === "markdown"}>
        <Sign>
          <path d="M3 4.5h10M3 8h10M3 11.5h6" />
        </Sign>
      </Match>
      <Match when={props.provider === "vivim"}>
        <Sign>
          <path d="M8 13C7.8 9 6 5.8 3 3.5M8 13C8.2 9 10 5.8 13 3.5" />
        </Sign>
      </Match>
    </Switch>
  </span>
)
