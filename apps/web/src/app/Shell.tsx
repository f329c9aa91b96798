/** What surrounds every screen: the rail, the line's state, the place where things can be dropped, the palette and the notes. */
import { type RouteSectionProps, useBeforeLeave, useLocation } from "@solidjs/router"
import {
  createEffect,
  createSignal,
  ErrorBoundary,
  type JSX,
  lazy,
  on,
  onCleanup,
  onMount,
  Show,
  Suspense
} from "solid-js"
import { DropEverywhere } from "../import/DropEverywhere.tsx"
import { keepIndex } from "../sealed/IndexKept.ts"
import { keepLevel } from "../sealed/Level.ts"
import { LevelBar } from "../sealed/LevelBar.tsx"
import { Locked } from "../security/Locked.tsx"
import { question } from "../session/StepUp.ts"
import { locked } from "../session/Vault.ts"
import { announce, Announcer } from "../ui/Announcer.tsx"
import { isTypedAhead, typeAhead } from "../ui/EarlyTyping.ts"
import { Late, Stroke } from "../ui/Late.tsx"
import { toast, Toasts, undoLast } from "../ui/Toasts.tsx"
import { ConnectionBanner } from "./ConnectionBanner.tsx"
import { focusMain, main, setMain } from "./Main.ts"
import { Rail } from "./Rail.tsx"
import { listenForShortcuts } from "./Shortcuts.ts"
import { Trouble } from "./Trouble.tsx"

const Palette = lazy(() => import("./Palette.tsx"))
const ShortcutsDialog = lazy(() => import("./ShortcutsDialog.tsx"))
const StepUpDialog = lazy(() => import("../security/StepUpDialog.tsx"))
/** What opens over any screen. */
export const panels = [Palette, ShortcutsDialog, StepUpDialog]

const titleMs = 300

const Loading = () => (
  <Late>
    <div class="mx-auto max-w-3xl space-y-4 px-6 py-16">
      <Stroke class="h-7 w-1/3" />
      <Stroke class="w-2/3" />
      <Stroke class="w-1/2" />
    </div>
  </Late>
)

/** A panel whose code cannot be fetched now: that is said, and asking for it again tries again. */
const Missing = (props: { readonly onClose: () => void; readonly reset: () => void }) => {
  onMount(() => {
    toast("The node that serves this does not answer.", { kind: "trouble" })
    props.onClose()
    props.reset()
  })
  return null
}

/** Settings can be reached while what is private is locked: there one signs out, and unlocks. */
const isShut = (path: string): boolean => locked() && !path.startsWith("/settings")

const SkipToContent = () => (
  <a
    href="#main"
    class="fixed start-3 top-3 z-50 -translate-y-20 rounded-md bg-ink px-4 py-2 text-paper focus:translate-y-0"
    onClick={(event) => {
      event.preventDefault()
      focusMain()
    }}
  >
    Skip to content
  </a>
)

const Screen = (props: { readonly at: string; readonly children: JSX.Element }) => (
  <Show when={!isShut(props.at)} fallback={<Locked />}>
    <Suspense fallback={<Loading />}>{props.children}</Suspense>
  </Show>
)

export const Shell = (props: RouteSectionProps) => {
  const [open, setOpen] = createSignal<"palette" | "shortcuts">()
  const location = useLocation()
  let element!: HTMLElement
  // A list that measures what it scrolls in must find it in the page: after signing in, screens are there before it is.
  onMount(() => setMain(element))
  onCleanup(() => setMain(undefined))
  keepIndex()
  keepLevel()
  const close = () => setOpen(undefined)
  const openPalette = () => {
    if (open() === "palette") return
    typeAhead("Jump to a conversation or a screen")
    setOpen("palette")
  }
  listenForShortcuts({ palette: openPalette, shortcuts: () => setOpen("shortcuts"), undo: undoLast })
  // Going elsewhere closes what is open; what is opened while a screen is on its way is not about the one that is left.
  useBeforeLeave(({ from, to }) => {
    if (typeof to === "number" || new URL(to, window.location.origin).pathname !== from.pathname) close()
  })
  // A new screen is read from its top; the first one keeps the focus where the browser put it.
  createEffect(on(() => location.pathname, () => {
    // A screen with a field to type into has already taken the focus, or is about to.
    if (!isTypedAhead() && main()?.contains(document.activeElement) !== true) focusMain()
    // The title is the new screen's once it is drawn.
    setTimeout(() => announce(document.title), titleMs)
  }, { defer: true }))
  return (
    <div class="grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto] sm:grid-cols-[auto_minmax(0,1fr)] sm:grid-rows-[minmax(0,1fr)]">
      <SkipToContent />
      <Rail onPalette={openPalette} onShortcuts={() => setOpen("shortcuts")} />
      <div class="relative row-start-1 flex min-h-0 flex-col sm:col-start-2">
        <ConnectionBanner />
        <LevelBar />
        <main
          id="main"
          ref={element}
          tabindex="-1"
          class="relative min-h-0 flex-1 overflow-y-auto outline-none [scrollbar-gutter:stable]"
        >
          <Trouble>
            <Show when={main()}>
              <Screen at={location.pathname}>{props.children}</Screen>
            </Show>
          </Trouble>
        </main>
      </div>
      <Announcer />
      <Toasts />
      <DropEverywhere />
      <ErrorBoundary fallback={(_, reset) => <Missing onClose={close} reset={reset} />}>
        <Suspense>
          <Show when={open() === "palette"}>
            <Palette onClose={close} />
          </Show>
          <Show when={open() === "shortcuts"}>
            <ShortcutsDialog onClose={close} />
          </Show>
          <Show when={question()}>
            <StepUpDialog />
          </Show>
        </Suspense>
      </ErrorBoundary>
    </div>
  )
}
