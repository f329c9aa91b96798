/** A text as a QR code. What draws it is loaded when the first one is shown; its place is kept until then. */
import { lazy, Suspense } from "solid-js"
import type { QrCodeProps } from "./QrDrawing.tsx"

const QrDrawing = lazy(() => import("./QrDrawing.tsx"))

export const QrCode = (props: QrCodeProps) => (
  <Suspense fallback={<div class={`rounded-md bg-sunken ${props.class}`} />}>
    <QrDrawing {...props} />
  </Suspense>
)
