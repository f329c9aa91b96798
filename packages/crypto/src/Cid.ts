/** What canonical bytes are called: the CID (version 1) of dag-cbor by its SHA-256. */
import { CID } from "multiformats/cid"
import { create } from "multiformats/hashes/digest"

/** Multicodec: dag-cbor, sha2-256. */
const [DagCborCode, Sha256Code] = [0x71, 0x12]

/** The address of the bytes with this SHA-256. */
export const ofDigest = (sha256: Uint8Array): CID => CID.createV1(DagCborCode, create(Sha256Code, sha256))
