/** Files an export holds, found, stored once, missed and left over. */
import { zipSync } from "fflate"
import { assert, describe, it } from "vitest"
import { TestBench } from "./TestBench.ts"

const { chat, file, node, read } = TestBench
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13)
const image = (pointer: string) => ({
  content_type: "multimodal_text",
  parts: [{ content_type: "image_asset_pointer", asset_pointer: pointer }]
})
const shows = (id: string, ...pointers: ReadonlyArray<string>) =>
  chat(id, pointers.map((pointer, i) => node(`${id}${i}`, null, "user", image(pointer))))
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

describe("Assets", () => {
  it("F1 a pointer finds its file, whatever it is called", async () => {
    const pointers: ReadonlyArray<readonly [pointer: string, name: string]> = [
      ["file-service://file-AAAAAAAA1111", "file-AAAAAAAA1111-holiday.png"],
      ["file-service://file-BBBBBBBB2222", "file-BBBBBBBB2222.dat"],
      ["sediment://file_00000000cccc3333", "user-x/file_00000000cccc3333-1f2e.webp"],
      ["sediment://file_00000000dddd4444?shared=1", "dalle-generations/file_00000000dddd4444.webp"],
      ["sediment://odd-name", "odd-name.dat"],
      ["file-service://plain.png", "deep/er/plain.png"]
    ]
    const files = Object.fromEntries(pointers.map(([, name], i) => [name, Uint8Array.of(...PNG, i)]))
    const { conversations: [conversation], kept } = await read(file(zipSync({
      "c.json": json([shows("x", ...pointers.map(([pointer]) => pointer))]),
      "names.json": json({ "file-BBBBBBBB2222.dat": "My photo.jpg" }),
      ...files
    })))
    const images = conversation!.messages.flatMap(({ blocks }) => blocks)
    images.forEach((block, i) => assert.isTrue(block._tag === "Image" && block.content !== null, pointers[i]![1]))
    assert.deepStrictEqual(conversation!.assets, { resolved: 6, missing: 0 })
    assert.strictEqual((images[1] as any).name, "My photo.jpg")
    assert.isTrue(images.every((block) => (block as any).content.mime === "image/png"), "by its bytes, not by its name")
    assert.includeMembers(kept.map(({ name }) => name), ["My photo.jpg", "file-AAAAAAAA1111-holiday.png"])
  })

  it("F2 a file is stored once, however often it is shown", async () => {
    const path = file(zipSync({
      "c.json": json([
        shows("x", "file-service://file-AAAAAAAA1111", "sediment://file-AAAAAAAA1111"),
        shows("y", "file-service://file-AAAAAAAA1111")
      ]),
      "file-AAAAAAAA1111.dat": PNG
    }))
    const { conversations, kept } = await read(path)
    assert.lengthOf(kept, 1)
    assert.lengthOf(
      conversations.flatMap(({ messages }) => messages.flatMap(({ blocks }) => blocks)).filter((block) =>
        block._tag === "Image" && block.content !== null
      ),
      3
    )
  })

  it("F2 a file that cannot be read stays a reference and is told", async () => {
    const path = file(
      zipSync({
        "c.json": json([shows("x", "file-service://file-AAAAAAAA1111")]),
        "file-AAAAAAAA1111.dat": Buffer.alloc(50_000_000)
      })
    )
    const { conversations: [conversation], kept } = await read(path)
    assert.isEmpty(kept)
    assert.deepStrictEqual(conversation!.assets, { resolved: 0, missing: 1 })
    assert.match(conversation!.warnings.join(), /could not be read.*ratioMax/)
  })

  it("F3 missing and unused files are listed", async () => {
    const path = file(zipSync({
      "c.json": json([shows("x", "file-service://file-AAAAAAAA1111")]),
      "names.json": json({ "file-BBBBBBBB2222.dat": "b.png", "file-CCCCCCCC3333.dat": "c.png" }),
      "file-BBBBBBBB2222.dat": PNG,
      "strange.bin": Uint8Array.of(0, 1, 2)
    }))
    const { asides, conversations: [conversation], named } = await read(path)
    assert.deepStrictEqual(conversation!.assets, { resolved: 0, missing: 1 })
    assert.deepStrictEqual(named, { resolved: 1, missing: 1 })
    assert.deepStrictEqual(asides.slice(1).map(({ name, reason, title }) => [name, title, reason]), [
      ["file-BBBBBBBB2222.dat", "b.png", "no conversation points at it"],
      ["strange.bin", null, "is application/octet-stream, no text"],
      ["file-CCCCCCCC3333.dat", "c.png", "is named by the export and not in it"]
    ])
  })
})
