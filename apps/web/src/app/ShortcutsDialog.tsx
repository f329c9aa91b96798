/** The list of what the keyboard can do. */
import { For } from "solid-js"
import { Dialog } from "../ui/Dialog.tsx"
import { shortcuts, singleKeys } from "./Shortcuts.ts"

const ShortcutsDialog = (props: { readonly onClose: () => void }) => (
  <Dialog open title="Keyboard" onClose={props.onClose}>
    <dl class="grid grid-cols-[auto_1fr] items-baseline gap-x-6 gap-y-2.5 text-sm">
      <For each={shortcuts}>
        {({ keys, what }) => (
          <>
            <dt class="flex justify-end gap-1">
              <For each={keys}>
                {(key) => (
                  <kbd class="min-w-6 rounded-sm border border-edge/60 border-b-2 bg-paper px-1.5 py-0.5 text-center font-sans text-xs">
                    {key}
                  </kbd>
                )}
              </For>
            </dt>
            <dd class="text-ink-soft">{what}</dd>
          </>
        )}
      </For>
    </dl>
    <p class="mt-5 border-t border-line pt-4 text-sm text-ink-soft">
      {singleKeys() ? "Single keys can be turned off in the settings." : "Single keys are turned off in the settings."}
    </p>
  </Dialog>
)

export default ShortcutsDialog
