/**
 * Short notes about what has just happened, with a way back where there is one.
 *
 * A note goes by itself, but never from under a reader: while a pointer or the focus is in it, or nobody sees the page, its
 * time does not run, and what can be undone has longer. What can be undone can be undone by a key from anywhere.
 */
import X from "lucide-solid/icons/x"
import { createEffect, createSignal, For, onCleanup, Show } from "solid-js"
import { focusMain } from "../app/Main.ts"
import { singleKeys, undoKey } from "../app/Shortcuts.ts"
import { IconButton } from "./Button.tsx"

interface Action {
  readonly label: string
  readonly run: () => void
}

interface Toast {
  readonly id: number
  readonly text: string
  readonly kind: "done" | "trouble"
  readonly action: Action | undefined
  readonly undo: (() => void) | undefined
}

const stayMs = 8_000
const undoMs = 30_000
const [toasts, setToasts] = createSignal<ReadonlyArray<Toast>>([])
let last = 0

const dismiss = (id: number) => setToasts((all) => all.filter((toast) => toast.id !== id))

interface ToastOptions {
  readonly kind?: Toast["kind"]
  readonly action?: Action
  /** Takes back what the note tells of. */
  readonly undo?: () => void
}

export const toast = (text: string, { action, kind = "done", undo }: ToastOptions = {}): void => {
  const id = ++last
  setToasts((all) => [...all.slice(-2), { id, text, kind, action, undo }])
}

const takeBack = ({ id, undo }: Toast): void => {
  dismiss(id)
  undo?.()
}

/** Undoes what was done last, if that is still offered. */
export const undoLast = (): boolean => {
  const newest = toasts().findLast(({ undo }) => undo !== undefined)
  if (newest !== undefined) takeBack(newest)
  return newest !== undefined
}

const act = "rounded-md px-2.5 py-1.5 font-semibold text-found hover:underline focus-visible:outline-found"

/** True while the page is in front of somebody. */
const createSeen = () => {
  const [seen, setSeen] = createSignal(document.visibilityState === "visible")
  const look = () => setSeen(document.visibilityState === "visible")
  document.addEventListener("visibilitychange", look)
  onCleanup(() => document.removeEventListener("visibilitychange", look))
  return seen
}

const Note = (props: { readonly toast: Toast }) => {
  let note!: HTMLDivElement
  const [pointed, setPointed] = createSignal(false)
  const [focused, setFocused] = createSignal(false)
  const seen = createSeen()
  createEffect(() => {
    // Trouble stays until it has been seen.
    if (props.toast.kind === "trouble" || pointed() || focused() || !seen()) return
    const timer = setTimeout(() => dismiss(props.toast.id), props.toast.undo === undefined ? stayMs : undoMs)
    onCleanup(() => clearTimeout(timer))
  })
  // The focus does not fall out of the page with the button that had it.
  onCleanup(() => note.contains(document.activeElement) && focusMain())
  return (
    <div
      ref={note}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocusIn={() => setFocused(true)}
      onFocusOut={() => setFocused(false)}
      class="pointer-events-auto flex max-w-lg animate-rise items-center gap-1 rounded-lg bg-ink ps-4 pe-1.5 py-1 text-sm text-paper shadow-raised"
    >
      <p class="py-2 pe-2">
        <Show when={props.toast.kind === "trouble"}>
          <strong>That did not work.</strong>
        </Show>{" "}
        {props.toast.text}
      </p>
      <Show when={props.toast.undo}>
        <button type="button" class={act} onClick={() => takeBack(props.toast)}>
          Undo
          <Show when={singleKeys()}>
            {" "}
            <kbd class="ms-1 rounded-sm border border-current/50 px-1 font-sans text-2xs font-normal max-sm:hidden">
              {undoKey.toUpperCase()}
            </kbd>
          </Show>
        </button>
      </Show>
      <Show when={props.toast.action}>
        {(action) => (
          <button
            type="button"
            class={act}
            onClick={() => {
              action().run()
              dismiss(props.toast.id)
            }}
          >
            {action().label}
          </button>
        )}
      </Show>
      <IconButton
        label="Dismiss"
        class="text-paper/80 hover:bg-paper/15 hover:text-paper focus-visible:outline-found"
        onClick={() => dismiss(props.toast.id)}
      >
        <X size={16} aria-hidden="true" />
      </IconButton>
    </div>
  )
}

export const Toasts = () => (
  <div
    role="status"
    aria-label="Notices"
    class="pointer-events-none fixed inset-x-3 bottom-20 z-40 flex flex-col items-center gap-2 sm:bottom-5"
  >
    <For each={toasts()}>{(toast) => <Note toast={toast} />}</For>
  </div>
)
