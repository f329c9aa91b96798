/** Jumping: a field that leads to any screen or conversation, by the keyboard alone. */
import { useNavigate } from "@solidjs/router"
import Download from "lucide-solid/icons/download"
import LibraryBig from "lucide-solid/icons/library-big"
import Search from "lucide-solid/icons/search"
import Settings from "lucide-solid/icons/settings-2"
import SunMoon from "lucide-solid/icons/sun-moon"
import Trash from "lucide-solid/icons/trash"
import { createEffect, createMemo, createSignal, createUniqueId, For, type JSX, on, Show } from "solid-js"
import { watch } from "../node/Node.ts"
import { createFound } from "../sealed/Found.ts"
import { asOpened } from "../sealed/Sealed.ts"
import { hrefOf, Segments } from "../search/Segments.tsx"
import { nextAppearance } from "../settings/Appearance.ts"
import { Dialog } from "../ui/Dialog.tsx"
import { takeOver } from "../ui/EarlyTyping.ts"
import { ProviderSign } from "../ui/Providers.tsx"

interface Choice {
  readonly icon: JSX.Element
  readonly text: JSX.Element
  readonly note?: string
  readonly run: () => void
}

const hitsMax = 8

const createChoices = (typed: () => string, go: (href: string) => void) => {
  const asked = () => (typed().trim() === "" ? undefined : { query: typed(), limit: hitsMax })
  const found = createFound(asked, watch("WatchSearch", asked, { keep: true }))
  const recent = watch("WatchLibrary", () => (typed().trim() === "" ? { limit: 5, archived: false } : undefined))
  const places: ReadonlyArray<Choice & { readonly name: string }> = [
    { name: "Library", href: "/", icon: () => <LibraryBig size={16} /> },
    { name: "Search", href: "/search", icon: () => <Search size={16} /> },
    { name: "Import", href: "/import", icon: () => <Download size={16} /> },
    { name: "Trash", href: "/trash", icon: () => <Trash size={16} /> },
    { name: "Settings", href: "/settings", icon: () => <Settings size={16} /> }
  ].map(({ name, href, icon }) => ({ name, icon: icon(), text: name, note: "Screen", run: () => go(href) }))
  const all = [...places, {
    name: "Light or dark",
    icon: <SunMoon size={16} />,
    text: "Light or dark",
    note: "Switch",
    run: nextAppearance
  }]
  const choices = createMemo((): ReadonlyArray<Choice> => {
    const words = typed().trim().toLowerCase()
    const named = all.filter(({ name }) => name.toLowerCase().includes(words))
    if (words === "") {
      const lately = (recent.answer()?.items ?? []).map(asOpened).map((row) => ({
        icon: <ProviderSign provider={row.provider} />,
        text: row.title,
        run: () => go(`/c/${encodeURIComponent(row.documentId)}`)
      }))
      return [...lately, ...named]
    }
    const hits = (found.answer()?.hits ?? []).map((hit) => ({
      icon: <ProviderSign provider={hit.provider} />,
      text: (
        <>
          <span class="block truncate">
            <Segments of={hit.title} />
          </span>
          <span class="block truncate text-sm text-ink-soft">
            <Segments of={hit.snippet} />
          </span>
        </>
      ),
      run: () => go(hrefOf(hit, typed()))
    }))
    return [...named, ...hits]
  })
  /** True while what is offered answers an earlier word. */
  const stale = () => asked() !== undefined && found.waiting()
  return { choices, stale }
}

interface ChoiceViewProps {
  readonly id: string
  readonly choice: Choice
  readonly isAt: boolean
  readonly onPoint: () => void
  readonly onRun: () => void
}

const ChoiceView = (props: ChoiceViewProps) => (
  <button
    type="button"
    id={props.id}
    role="option"
    tabindex="-1"
    aria-selected={props.isAt}
    onPointerMove={() => props.onPoint()}
    onClick={() => props.onRun()}
    class="flex w-full items-center gap-3 rounded-md px-3 py-2.5 text-start aria-selected:bg-accent-wash"
  >
    <span aria-hidden="true" class="grid shrink-0 place-items-center text-ink-soft">{props.choice.icon}</span>
    <span class="min-w-0 flex-1" dir="auto">{props.choice.text}</span>
    <Show when={props.choice.note}>
      <span class="text-xs text-ink-faint">{props.choice.note}</span>
    </Show>
  </button>
)

/** What has been typed, what is offered for it, and which of it Enter would take. */
const createJump = (onClose: () => void) => {
  const navigate = useNavigate()
  const [typed, setTyped] = createSignal("")
  const [at, setAt] = createSignal(0)
  const [entered, setEntered] = createSignal(false)
  const { choices, stale } = createChoices(typed, (href) => navigate(href))
  createEffect(on(typed, () => setAt(0)))
  const run = (choice: Choice | undefined) => {
    if (choice === undefined) return
    onClose()
    choice.run()
  }
  // Enter means the best there is for what is in the field, also when that is still being asked.
  createEffect(() => {
    if (!entered()) return
    const choice = choices()[at()]
    // A screen is the same whatever is found; and who has gone down the list means what they see there.
    if (stale() && at() === 0 && choice?.note === undefined) return
    setEntered(false)
    run(choice)
  })
  const type = (text: string) => {
    setEntered(false)
    setTyped(text)
  }
  const move = (by: number) => {
    const { length } = choices()
    if (length > 0) setAt((at) => (at + by + length) % length)
  }
  return { typed, type, choices, at, setAt, run, move, enter: () => setEntered(true) }
}

const Palette = (props: { readonly onClose: () => void }) => {
  const list = createUniqueId()
  const jump = createJump(() => props.onClose())
  let field!: HTMLInputElement
  const begin = () => {
    const { entered, text } = takeOver(field)
    if (text !== "") jump.type(text)
    if (entered) jump.enter()
  }
  const move = (by: number) => {
    jump.move(by)
    document.getElementById(`${list}-${jump.at()}`)?.scrollIntoView({ block: "nearest" })
  }
  const hear = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === "ArrowDown") move(1)
    else if (event.key === "ArrowUp") move(-1)
    else if (event.key === "Enter") jump.enter()
    else return
    event.preventDefault()
  }
  return (
    <Dialog open look="bare" title="Jump to" onClose={props.onClose} onOpen={begin}>
      <div class="sticky top-0 border-b border-line bg-raised px-4">
        <input
          ref={field}
          autofocus
          role="combobox"
          aria-label="Jump to a conversation or a screen"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={jump.choices().length > 0 ? `${list}-${jump.at()}` : undefined}
          aria-autocomplete="list"
          autocomplete="off"
          spellcheck={false}
          maxlength={512}
          placeholder="Jump to…"
          dir="auto"
          value={jump.typed()}
          onInput={(event) => jump.type(event.currentTarget.value)}
          onKeyDown={hear}
          class="h-14 w-full bg-transparent text-lg outline-none placeholder:text-ink-faint"
        />
      </div>
      <div id={list} role="listbox" aria-label="Places" class="p-2">
        <For each={jump.choices()}>
          {(choice, index) => (
            <ChoiceView
              id={`${list}-${index()}`}
              choice={choice}
              isAt={index() === jump.at()}
              onPoint={() => jump.setAt(index())}
              onRun={() => jump.run(choice)}
            />
          )}
        </For>
      </div>
      <Show when={jump.choices().length === 0}>
        <p class="px-5 pb-5 text-ink-soft">Nothing by that name.</p>
      </Show>
    </Dialog>
  )
}

export default Palette
