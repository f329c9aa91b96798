/** A text as a QR code, drawn as one path: no picture is fetched and no style is needed for it. */
import { createMemo } from "solid-js"
import { encode } from "uqr"

/** Runs of dark modules as strokes of one path. */
const pathOf = (rows: ReadonlyArray<ReadonlyArray<boolean>>): string =>
  rows.map((row, y) => {
    let path = ""
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue
      const from = x
      while (row[x + 1] === true) x++
      path += `M${from} ${y}h${x + 1 - from}v1H${from}z`
    }
    return path
  }).join("")

export interface QrCodeProps {
  readonly text: string
  /** What it is, for those who cannot see it. */
  readonly label: string
  readonly class: string
}

/** Dark on light in either appearance: many cameras read no other. */
const QrDrawing = (props: QrCodeProps) => {
  const drawn = createMemo(() => {
    const { data, size } = encode(props.text, { ecc: "L", border: 2 })
    return { path: pathOf(data), size }
  })
  return (
    <svg
      role="img"
      aria-label={props.label}
      viewBox={`0 0 ${drawn().size} ${drawn().size}`}
      shape-rendering="crispEdges"
      class={`rounded-md bg-qr-light ${props.class}`}
    >
      <path d={drawn().path} class="fill-qr-dark" />
    </svg>
  )
}

export default QrDrawing
