import type { ConditionAst } from '../query/ast.ts'
import type { Source, Tap } from './source.ts'

/** The parts of one pipeline that are open while it is. */
export interface Scope {
  readonly source: Source
  readonly depth: number
  readonly isOpen: boolean
  /** A tap that is opened and closed with the scope, `deeper` streams further in. */
  tap(from: string, where: ConditionAst | undefined, deeper?: number): Tap
  /** Something else that begins and ends with it. */
  add(part: Part): void
  open(onBroken: (error: unknown) => void): void
  close(): void
}

/** Something that is open while a pipeline is. */
export interface Part {
  open(onBroken: (error: unknown) => void): void
  close(): void
}

/** The scope of a pipeline that lies `depth` streams deep in its question. */
export function makeScope(source: Source, depth: number): Scope {
  const parts: Part[] = []
  let isOpen = false
  return {
    source,
    depth,
    get isOpen() {
      return isOpen
    },
    tap(from, where, deeper = 0) {
      const tap = source.tap({ from, where, depth: depth + deeper })
      parts.push(tap)
      return tap
    },
    add: (part) => void parts.push(part),
    open(onBroken) {
      isOpen = true
      for (const part of parts) part.open(onBroken)
    },
    close() {
      isOpen = false
      for (const part of parts) part.close()
    },
  }
}
