// A backend that says what a test tells it to say.
import type { Mutation } from '../../src/protocol/mutation.ts'
import type { Poke, PokeRange } from '../../src/protocol/poke.ts'
import type { PullAnswer, PullPage, PullRequest } from '../../src/protocol/pull.ts'
import type { PushRequest } from '../../src/protocol/push.ts'
import type { Connect } from '../../src/transport/transport.ts'

/** A backend by script. */
export interface Script {
  readonly connect: Connect
  readonly pulls: PullRequest[]
  readonly pushes: PushRequest[]
  readonly snapshots: unknown[]
  /** The answers to come; where there are none, nothing has changed. */
  readonly answers: ((request: PullRequest) => PullAnswer)[]
  /** Whether a stream is open. */
  readonly isHeard: boolean
  version: number
  /** Mutations that were pushed, in order. */
  readonly mutations: readonly Mutation[]
  poke(poke: Partial<PokeRange> | { readonly wake: true }): void
  page(change: Partial<PullPage>): (request: PullRequest) => PullAnswer
}

const epoch = 'e'

/** A backend over an empty space at version 0, with cursors that no client can read. */
export function makeScript(): Script {
  const queue: Poke[] = []
  let wake: (() => void) | undefined
  let isHeard = false
  const envelope = () => ({ tidemark: 1 as const, epoch, version: script.version, now: 1_000 })
  const cursor = () => `☃ ${script.version}/?&%00 `
  const script: Script = {
    pulls: [],
    pushes: [],
    snapshots: [],
    answers: [],
    version: 0,
    get isHeard() {
      return isHeard
    },
    get mutations() {
      return script.pushes.flatMap(({ mutations }) => mutations)
    },
    poke(poke) {
      queue.push(
        'wake' in poke
          ? { epoch, now: 1_000, wake: true }
          : { epoch, now: 1_000, min: 1, max: 1, patches: [], confirmed: {}, refused: [], ...poke },
      )
      wake?.()
    },
    page: (change) => (request) => ({
      ...envelope(),
      from: request.cursor,
      cursor: cursor(),
      patches: [],
      confirmed: {},
      refused: [],
      more: false,
      ...change,
    }),
    connect: ({ clock }) => ({
      async push(request) {
        script.pushes.push(request)
        return { ...envelope(), verdicts: request.mutations.map(({ client, seq }) => ({ client, seq, status: 'applied' as const })) }
      },
      async pull(request) {
        script.pulls.push(request)
        await clock.sleep(5)
        return (script.answers.shift() ?? script.page({}))(request)
      },
      async *snapshot(request) {
        script.snapshots.push(request)
        yield { head: { ...envelope(), from: null, total: 0 } }
        yield { foot: { cursor: cursor() } }
      },
      async *subscribe(_, signal) {
        isHeard = true
        signal.addEventListener('abort', () => wake?.())
        try {
          while (!signal.aborted) {
            const next = queue.shift()
            if (next) yield next
            else await new Promise<void>((resolve) => (wake = resolve))
          }
        } finally {
          isHeard = false
        }
      },
    }),
  }
  return script
}

/** A patch that puts a note. */
export function putNote(id: string, title: string) {
  return { op: 'put' as const, collection: 'notes', id, value: { id, title, content: '', done: false } }
}

/** A patch that removes a note. */
export function delNote(id: string) {
  return { op: 'del' as const, collection: 'notes', id }
}
