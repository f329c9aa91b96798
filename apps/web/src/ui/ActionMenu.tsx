/** A menu of actions that opens beside what was pressed. Loaded when the first one is opened. */
import { Menu } from "@ark-ui/solid/menu"
import { type Component, For } from "solid-js"
import { Portal } from "solid-js/web"

export interface Action {
  readonly id: string
  readonly label: string
  readonly icon: Component<{ readonly size?: number; readonly class?: string; readonly "aria-hidden"?: "true" }>
  readonly danger?: boolean
  readonly run: () => void
}

interface ActionMenuProps {
  readonly label: string
  readonly anchor: HTMLElement
  readonly actions: ReadonlyArray<Action>
  /** When it has taken the focus: from here on it hears its keys itself. */
  readonly onReady: (menu: HTMLElement) => void
  readonly onClose: () => void
}

const ActionMenu = (props: ActionMenuProps) => (
  <Menu.Root
    open
    positioning={{ placement: "bottom-end", getAnchorElement: () => props.anchor, gutter: 4 }}
    onOpenChange={({ open }) => {
      if (open) return
      props.onClose()
      // The focus goes back to where the menu came from, unless the action has taken it elsewhere.
      queueMicrotask(() => document.activeElement === document.body && props.anchor.focus())
    }}
    onSelect={({ value }) => {
      props.anchor.focus()
      props.actions.find(({ id }) => id === value)?.run()
    }}
  >
    <Portal>
      <Menu.Positioner class="z-40">
        <Menu.Content
          ref={(menu: HTMLElement) =>
            menu.addEventListener("focus", () => queueMicrotask(() => props.onReady(menu)), { once: true })}
          aria-label={props.label}
          class="min-w-48 animate-rise rounded-lg border border-line bg-raised p-1.5 shadow-raised outline-none"
        >
          <For each={props.actions}>
            {(action) => (
              <Menu.Item
                value={action.id}
                class={`flex cursor-pointer items-center gap-3 rounded-md px-2.5 py-2 outline-none data-highlighted:bg-sunken
                  ${action.danger === true ? "text-danger" : ""}`}
              >
                <action.icon size={16} aria-hidden="true" class="shrink-0" />
                {action.label}
              </Menu.Item>
            )}
          </For>
        </Menu.Content>
      </Menu.Positioner>
    </Portal>
  </Menu.Root>
)

export default ActionMenu
