/**
 * `npm run shapes`: publishes what is new in the event schemas, after they were given another version. What is published is never
 * touched: a shape that is another now is named, and the exit code is 1. Golden samples without bytes get theirs.
 */
import * as Sample from "@vivim/event-schemas/Sample"
import * as Shapes from "@vivim/event-schemas/Shapes"
import { vocabularies } from "@vivim/event-schemas/Vocabularies"
import * as fs from "node:fs"
import * as path from "node:path"
import { root } from "./Program.ts"

const folder = path.join(root, "event-schemas")
const read = (file: string) => JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"))
const write = (file: string, value: unknown) =>
  fs.writeFileSync(path.join(folder, file), `${JSON.stringify(value, null, 2)}\n`)

const page = "published.json"
const published: Shapes.Shapes = fs.existsSync(path.join(folder, page)) ? read(page) : {}
const publication = Shapes.publish(published, Shapes.shapesOf(Object.values(vocabularies)))
for (const name of publication.added) console.log(`✓ ${name} is published`)
for (const name of publication.broken) {
  console.log(`✗ ${name} is published, and is another now: give the event a new version`)
}
if (publication.added.length > 0) write(page, publication.page)

for (const { events } of Object.values(vocabularies)) {
  for (const { tag, versions } of events) {
    for (let version = 1; version <= versions.length; version++) {
      const file = Sample.fileOf(tag, version)
      if (!fs.existsSync(path.join(folder, file))) {
        console.log(`✗ ${file} is missing: write type, schemaVersion, routing and private, and run this again`)
        process.exitCode = 1
      } else if (read(file).bytes === undefined) {
        write(file, Sample.complete(read(file)))
        console.log(`✓ ${file} has its bytes`)
      }
    }
  }
}
if (publication.broken.length > 0) process.exitCode = 1
