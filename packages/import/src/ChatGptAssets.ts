/** The pictures, sounds and files of a ChatGPT message: the parts that point at them, and the attachments named beside. */
import type { Block } from "@vivim/event-schemas/document/Message"
import { assetIdOf } from "./Assets.ts"
import { cleanLabel, cleanLabelOrNull, cleanText, cleanTextOrNull } from "./CleanText.ts"
import type { Workbench } from "./Draft.ts"
import { countOf, isObject, type JsonObject, listOf, member, objectsOf, textOf, wordsOf } from "./Json.ts"
import { finerMime } from "./Mime.ts"

type Blocks = ReadonlyArray<Block>

/** One entry of `parts` that is not plain text. */
export const partBlocks = (part: unknown, message: JsonObject, bench: Workbench): Blocks => {
  if (part === null || part === undefined) return []
  if (!isObject(part)) return [{ _tag: "Unknown", kind: "part", json: JSON.stringify(part) }]
  const pointer = wordsOf(part["asset_pointer"])
  switch (part["content_type"]) {
    case "image_asset_pointer":
      if (pointer === null) break
      return [imageBlock(pointer, member(member(part["metadata"], "dalle"), "prompt"), message, bench)]
    case "audio_asset_pointer":
    case "video_container_asset_pointer":
      if (pointer === null) break
      return [soundBlock(part, pointer, bench)]
    case "audio_transcription": {
      const text = wordsOf(part["text"])
      return text === null ? [] : [{ _tag: "Text", text: cleanText(text, bench.notes), citations: [] }]
    }
    case "real_time_user_audio_video_asset_pointer":
      return nestedPointers(part, message, bench)
  }
  return [{
    _tag: "Unknown",
    kind: cleanLabel(wordsOf(part["content_type"]) ?? "part", bench.notes),
    json: JSON.stringify(part)
  }]
}

/** A live exchange: its sound, its video and single frames of it. */
const nestedPointers = (part: JsonObject, message: JsonObject, bench: Workbench): Blocks => [
  ...[part["audio_asset_pointer"], part["video_container_asset_pointer"]].flatMap((inner): Blocks => {
    const pointer = wordsOf(inner) ?? wordsOf(member(inner, "asset_pointer"))
    return pointer === null ? [] : [soundBlock(isObject(inner) ? inner : {}, pointer, bench)]
  }),
  ...listOf(part["frames_asset_pointers"]).flatMap((inner): Blocks => {
    const pointer = wordsOf(inner) ?? wordsOf(member(inner, "asset_pointer"))
    return pointer === null ? [] : [imageBlock(pointer, null, message, bench)]
  })
]

const soundBlock = (part: JsonObject, pointer: string, bench: Workbench): Block => {
  const asset = bench.desk.look(pointer)
  const format = wordsOf(part["format"])
  return {
    _tag: "Attachment",
    source: cleanLabel(pointer, bench.notes),
    name: cleanLabelOrNull(asset.name, bench.notes),
    mime: asset.content?.mime ?? (format === null ? null : cleanLabel(`audio/${format}`, bench.notes)),
    bytes: asset.content?.bytes ?? countOf(part["size_bytes"]),
    text: null,
    content: asset.content
  }
}

/** A picture that was uploaded, drawn or plotted; `prompt` is what it was drawn from. */
export const imageBlock = (pointer: string, prompt: unknown, message: JsonObject, bench: Workbench): Block => {
  const asset = bench.desk.look(pointer)
  const id = assetIdOf(pointer)
  const attached = id === null ? undefined : attachments(message).find((attachment) => attachment["id"] === id)
  return {
    _tag: "Image",
    source: cleanLabel(pointer, bench.notes),
    name: cleanLabelOrNull(asset.name ?? wordsOf(attached?.["name"]), bench.notes),
    alt: cleanTextOrNull(wordsOf(prompt), bench.notes),
    content: asset.content
  }
}

const attachments = (message: JsonObject): ReadonlyArray<JsonObject> =>
  objectsOf(member(message["metadata"], "attachments"))

/** What was attached, but for the pictures that stand among the parts already. */
export const attachedAssets = (message: JsonObject, bench: Workbench): Blocks => {
  const listed = attachments(message)
  if (listed.length === 0) return []
  const shown = new Set(
    objectsOf(member(message["content"], "parts")).map((part) => assetIdOf(textOf(part["asset_pointer"]) ?? ""))
  )
  return listed.flatMap((attachment): Blocks => {
    const id = wordsOf(attachment["file_id"]) ?? wordsOf(attachment["id"])
    const name = wordsOf(attachment["name"])
    if (id === null && name === null) {
      return [{ _tag: "Unknown", kind: "attachment", json: JSON.stringify(attachment) }]
    }
    if (id !== null && shown.has(assetIdOf(id) ?? id)) return []
    const asset = bench.desk.look(id ?? name!)
    const declared = cleanLabelOrNull(wordsOf(attachment["mime_type"]), bench.notes)
    return [{
      _tag: "Attachment",
      source: cleanLabel(id ?? name!, bench.notes),
      name: cleanLabelOrNull(name ?? asset.name, bench.notes),
      mime: asset.content === null ? declared : finerMime(asset.content.mime, declared),
      bytes: asset.content?.bytes ?? countOf(attachment["size"]),
      text: null,
      content: asset.content
    }]
  })
}
