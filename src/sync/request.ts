import type { RequestEnvelope } from '../protocol/envelope.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import type { Transport } from '../transport/transport.ts'
import type { Replica } from './replica.ts'

/** What push, pull and bootstrap work with. */
export interface Wire {
  readonly transport: Transport
  readonly replica: Replica
  readonly space: string
  readonly user: string | null
  readonly schemaVersion: number
}

/** What every request carries, about the history of `epoch`. */
export function makeEnvelope({ space, user, schemaVersion }: Wire, epoch: string | null | undefined): RequestEnvelope {
  return { tidemark: PROTOCOL_VERSION, space, user, schema: schemaVersion, ...(epoch ? { epoch } : {}) }
}

/** The client group of this device. */
export function groupOf({ replica }: Wire): string {
  return replica.meta?.group ?? ''
}
