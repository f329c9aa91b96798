/** A screen that broke, or whose code could not be fetched: the rest of the client stands, and it can be tried again. */
import { useLocation } from "@solidjs/router"
import CloudOff from "lucide-solid/icons/cloud-off"
import TriangleAlert from "lucide-solid/icons/triangle-alert"
import { createEffect, ErrorBoundary, type JSX, on } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { Notice } from "../ui/Notice.tsx"

const couldNotLoad = (error: unknown): boolean =>
  error instanceof TypeError && /import|module|fetch/i.test(error.message)

const Broken = (props: { readonly error: unknown; readonly reset: () => void }) => {
  const location = useLocation()
  createEffect(on(() => location.pathname, () => props.reset(), { defer: true }))
  return couldNotLoad(props.error)
    ? (
      <Notice
        alert
        title="This screen could not be loaded"
        icon={<CloudOff size={24} />}
        action={<Button kind="primary" onClick={() => window.location.reload()}>Try again</Button>}
      >
        The node that serves it does not answer. Screens you have visited before work without it.
      </Notice>
    )
    : (
      <Notice
        alert
        title="Something broke on this screen"
        icon={<TriangleAlert size={24} />}
        action={<Button kind="primary" onClick={() => props.reset()}>Try again</Button>}
      >
        Your data is safe: it is on the node, not here.{" "}
        <span class="mt-3 block font-mono text-xs">{String(props.error)}</span>
      </Notice>
    )
}

export const Trouble = (props: { readonly children: JSX.Element }) => (
  <ErrorBoundary fallback={(error: unknown, reset) => <Broken error={error} reset={reset} />}>
    {props.children}
  </ErrorBoundary>
)
