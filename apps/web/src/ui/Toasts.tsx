/** Short notes about what has just happened, with a way back where there is one. */
import X from "lucide-solid/icons/x"
import { createSignal, For, Show } from "solid-js"
import { IconButton } from "./Button.tsx"

interface Toast {
  readonly id: number
  readonly text: string
  readonly kind: "done" | "trouble"
  readonly action?: { readonly label: string; readonly run: () => void }
}

const stayMs = 8_000
const [toasts, setToasts] = createSignal<ReadonlyArray<Toast>>([])
let last = 0

const dismiss = (id: number) => setToasts((all) => all.filter((toast) => toast.id !== id))

export const toast = (text: string, options: Partial<Pick<Toast, "kind" | "action">> = {}): void => {
  const id = ++last
  setToasts((all) => [...all.slice(-2), { id, text, kind: "done", ...options }])
  // Trouble stays until it has been seen.
  if (options.kind !== "trouble") setTimeout(() => dismiss(id), stayMs)
}

export const Toasts = () => (
  <div
    role="status"
    aria-label="Notices"
    class="pointer-events-none fixed inset-x-3 bottom-20 z-40 flex flex-col items-center gap-2 sm:bottom-5"
  >
    <For each={toasts()}>
      {(toast) => (
        <div class="pointer-events-auto flex max-w-lg animate-rise items-center gap-1 rounded-lg bg-ink ps-4 pe-1.5 py-1 text-sm text-paper shadow-raised">
          <p class="py-2 pe-2">
            <Show when={toast.kind === "trouble"}>
              <strong>That did not work.</strong>
            </Show>
            {toast.text}
          </p>
          <Show when={toast.action}>
            {(action) => (
              <button
                type="button"
                class="rounded-md px-2.5 py-1.5 font-semibold text-found hover:underline focus-visible:outline-found"
                onClick={() => {
                  action().run()
                  dismiss(toast.id)
                }}
              >
                {action().label}
              </button>
            )}
          </Show>
          <IconButton
            label="Dismiss"
            class="text-paper/80 hover:bg-paper/15 hover:text-paper focus-visible:outline-found"
            onClick={() => dismiss(toast.id)}
          >
            <X size={16} aria-hidden="true" />
          </IconButton>
        </div>
      )}
    </For>
  </div>
)
