import type { ConditionAst } from '../query/ast.ts'
import type { Source, Tap } from './source.ts'

/** Something that is open while a pipeline is. */
export interface Part {
  open(onBroken: (error: unknown) => void): void
  close(): void
}

/** The parts of one pipeline, which lies `depth` streams deep in its question: they are opened and closed together. */
export class Scope implements Part {
  readonly source: Source
  readonly depth: number
  /** What pipelines within one question share, by the part of the question that it is of. */
  readonly commons: Map<object, unknown>
  readonly #parts: Part[] = []

  constructor(source: Source, depth: number, commons = new Map<object, unknown>()) {
    this.source = source
    this.depth = depth
    this.commons = commons
  }

  /** The scope of a pipeline within this one's. */
  within(): Scope {
    return new Scope(this.source, this.depth + 1, this.commons)
  }

  /** A scope of its own beside this one, for what others hold too. */
  beside(): Scope {
    return new Scope(this.source, this.depth, this.commons)
  }

  /** A tap that is opened and closed with the scope, `deeper` streams further in. */
  tap(from: string, where: ConditionAst | undefined, deeper = 0): Tap {
    const tap = this.source.tap({ from, where, depth: this.depth + deeper })
    this.#parts.push(tap)
    return tap
  }

  /** Something else that begins and ends with it. */
  add(part: Part): void {
    this.#parts.push(part)
  }

  open(onBroken: (error: unknown) => void): void {
    for (const part of this.#parts) part.open(onBroken)
  }

  close(): void {
    for (const part of this.#parts) part.close()
  }
}
