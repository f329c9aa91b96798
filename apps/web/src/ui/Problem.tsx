/** One sentence of what went wrong, read out at once; as tall as nothing while there is none. */
import { Show } from "solid-js"

export const Problem = (props: { readonly problem: string | undefined }) => (
  <div role="alert" class="empty:hidden">
    <Show when={props.problem}>
      {(problem) => <p class="mt-4 rounded-md bg-danger-wash px-3 py-2.5 text-sm text-danger">{problem()}</p>}
    </Show>
  </div>
)
