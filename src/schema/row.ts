import type { Json } from '../util/json.ts'

/** A row as the engine sees it: frozen, plain JSON, with its id. */
export interface AnyRow {
  readonly id: string
  readonly [field: string]: Json | undefined
}
