/** The page in the file that says what the file is, to whoever opens it in ten years. */
import { accountFormat, places } from "@vivim/contract/AccountFile"

export const readme = `This is an export of a VIVIM account (${accountFormat}): everything the account has kept, opened.
Whoever has this file can read all of it.

${places.markdown}            your conversations as pages, to be read
${places.contents}            pictures, attachments and verbatim records, each named by the SHA-256 of its bytes
${places.conversations}  your conversations in full, one JSON object on each line: trees, titles, tags, trash
${places.identity}        who the account is: the operations of its DID log, as base64url, signed
${places.account}         profile and devices
${places.imports}        what was imported, with the receipts
${places.security}       what was done with your sessions
${places.events}       all events of the account in their order: a CBOR sequence (RFC 8742) of byte
                     strings, each one event as dag-cbor
${places.manifest}        what is in here: counts, and the SHA-256 of each entry. With the lines
                     "<sha256>  <name>" made of it, sha256sum -c checks them

To have it again: drop this file, as it is, on the import page of a VIVIM node. To take the
account itself to another node, by its recovery kit: "Moving" in VIVIM's client library.
`
