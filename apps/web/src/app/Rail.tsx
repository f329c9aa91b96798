/** The way between screens: a rail at the side, or a bar at the bottom where the side is too dear. */
import { A } from "@solidjs/router"
import Command from "lucide-solid/icons/command"
import Download from "lucide-solid/icons/download"
import Keyboard from "lucide-solid/icons/keyboard"
import LibraryBig from "lucide-solid/icons/library-big"
import Search from "lucide-solid/icons/search"
import Settings from "lucide-solid/icons/settings-2"
import Trash from "lucide-solid/icons/trash"
import { type Component, For } from "solid-js"
import { connection } from "../node/Node.ts"
import { Wordmark } from "../ui/Wordmark.tsx"
import { isApple } from "./Shortcuts.ts"

interface Place {
  readonly href: string
  readonly name: string
  readonly icon: Component<{ readonly size?: number; readonly "aria-hidden"?: "true" }>
  readonly end?: boolean
}

const places: ReadonlyArray<Place> = [
  { href: "/", name: "Library", icon: LibraryBig, end: true },
  { href: "/search", name: "Search", icon: Search },
  { href: "/import", name: "Import", icon: Download },
  { href: "/trash", name: "Trash", icon: Trash },
  { href: "/settings", name: "Settings", icon: Settings }
]

const states = { open: "Connected", connecting: "Connecting…", lost: "Reconnecting…" }

const PlaceLink = (props: { readonly place: Place }) => (
  <A
    href={props.place.href}
    end={props.place.end === true}
    class="group flex min-w-0 flex-1 flex-col items-center gap-1 rounded-md px-1 py-1.5 text-2xs text-ink-soft transition-colors
      hover:text-ink sm:flex-none sm:px-2 sm:py-2 lg:flex-row lg:gap-3 lg:px-3 lg:text-base lg:hover:bg-sunken"
    activeClass="!text-accent-strong font-semibold lg:bg-accent-wash"
  >
    <props.place.icon size={20} aria-hidden="true" />
    <span>{props.place.name}</span>
  </A>
)

const line = "flex items-center gap-3 rounded-md px-3 py-2 text-sm text-ink-soft hover:bg-sunken hover:text-ink"

export const Rail = (props: { readonly onPalette: () => void; readonly onShortcuts: () => void }) => (
  <nav
    aria-label="Main"
    class="z-20 row-start-2 flex border-t print:hidden border-line bg-rail px-2 pt-1 pb-[max(0.25rem,env(safe-area-inset-bottom))] sm:col-start-1
      sm:row-start-1 sm:w-20 sm:flex-col sm:gap-1 sm:border-e sm:border-t-0 sm:py-4 lg:w-52 lg:px-3"
  >
    <A
      href="/"
      aria-label="VIVIM, to the library"
      class="mb-4 hidden self-center rounded-md px-2 py-1 sm:block lg:self-start lg:px-3"
    >
      <Wordmark class="text-lg max-lg:[&>span]:hidden max-lg:text-2xl" />
    </A>
    <For each={places}>{(place) => <PlaceLink place={place} />}</For>
    <div class="mt-auto hidden flex-col gap-0.5 lg:flex">
      <button type="button" class={line} onClick={() => props.onPalette()}>
        <Command size={16} aria-hidden="true" />
        <span class="flex-1 text-start">Jump to…</span>
        <kbd class="font-sans text-xs text-ink-faint">{isApple ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <button type="button" class={line} onClick={() => props.onShortcuts()}>
        <Keyboard size={16} aria-hidden="true" />
        <span class="flex-1 text-start">Shortcuts</span>
        <kbd class="font-sans text-xs text-ink-faint">?</kbd>
      </button>
      <p class="mt-2 flex items-center gap-3 border-t border-line px-3 pt-3 text-xs text-ink-faint">
        <span
          aria-hidden="true"
          class="mx-1 size-2 rounded-full"
          classList={{ "bg-accent": connection() === "open", "bg-warn animate-breathe": connection() !== "open" }}
        />
        {states[connection()]}
      </p>
    </div>
  </nav>
)
