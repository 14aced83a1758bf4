// A small app that the tests share: notes, shopping lists, counters, an audit trail. Its mutators are chosen to go wrong in interesting ways.
import * as v from 'valibot'
import { defineMutators, mutator } from '../../src/mutator/mutator.ts'
import { collection } from '../../src/schema/collection.ts'
import { defineSchema, type Row } from '../../src/schema/schema.ts'

const Note = v.object({ id: v.string(), title: v.string(), content: v.string(), done: v.boolean(), order: v.optional(v.number()) })
const Item = v.object({ id: v.string(), list: v.string(), text: v.string(), order: v.number() })
const Counter = v.object({ id: v.string(), value: v.number() })
const Audit = v.object({ id: v.string(), about: v.string(), at: v.number() })
const Secret = v.object({ id: v.string(), value: v.string() })
const Shelf = v.object({ id: v.string(), name: v.string(), rank: v.number() })

export const schema = defineSchema({
  version: 1,
  collections: {
    notes: collection(Note),
    items: collection(Item),
    counters: collection(Counter),
    audits: collection(Audit),
    /** Seen by no client. */
    secrets: collection(Secret, { audience: 'server' }),
    /** Written by the generated mutators. */
    shelves: collection(Shelf, { crud: true }),
  },
})

export type Note = Row<typeof schema, 'notes'>
export type Item = Row<typeof schema, 'items'>

const id = v.string()
const text = v.string()

export const mutators = defineMutators(schema, {
  createNote: mutator([id, text], (tx, id, title) => {
    tx.notes.insert({ id, title, content: '', done: false })
  }),
  setTitle: mutator([id, text], (tx, id, title) => tx.notes.patch(id, { title })),
  setContent: mutator([id, text], (tx, id, content) => tx.notes.patch(id, { content })),
  setDone: mutator([id, v.boolean()], (tx, id, done) => tx.notes.patch(id, { done })),
  toggleDone: mutator([id], (tx, id) => tx.notes.patch(id, { done: !tx.notes.get(id)?.done })),
  removeNote: mutator([id], (tx, id) => tx.notes.remove(id)),
  /** Sees only whether the row is there: refused where it is gone. */
  mustSetTitle: mutator([id, text], (tx, id, title) => {
    if (!tx.notes.has(id)) tx.reject('gone')
    tx.notes.patch(id, { title })
  }),

  /** The server trims what the client shows as it was typed. */
  createTrimmed: mutator([id, text], (tx, id, title) => {
    tx.notes.insert({ id, title: tx.onServer ? title.trim() : title, content: '', done: false })
  }),
  /** The same for a note that is there. */
  trimTitle: mutator([id, text], (tx, id, title) => tx.notes.patch(id, { title: tx.onServer ? title.trim() : title })),
  /** The server adds a row that the client does not foresee. */
  createAudited: mutator([id, text], (tx, id, title) => {
    tx.notes.insert({ id, title, content: '', done: false })
    if (tx.onServer) tx.audits.insert({ id: tx.newId('audit'), about: id, at: tx.authoredAt })
  }),
  /** The client foresees a row that the server does not make. */
  predictedOnlyOnClient: mutator([id, text], (tx, id, title) => {
    if (!tx.onServer) tx.notes.insert({ id, title, content: '', done: false })
  }),
  /** Writes a row that no client sees. */
  keepSecret: mutator([id, text], (tx, id, value) => tx.secrets.put({ id, value })),

  /** Goes to the end of a list: its place is found by a question, so it changes on replay. */
  addItem: mutator([id, text, text], (tx, id, list, text) => {
    const order = tx.items.where('list', '=', list).read().length + 1
    tx.items.insert({ id, list, text, order })
  }),

  insertUpdateDelete: mutator([id], (tx, id) => {
    tx.notes.insert({ id, title: 'first', content: '', done: false })
    tx.notes.patch(id, { title: 'second' })
    tx.notes.remove(id)
  }),
  patchThenDelete: mutator([id], (tx, id) => {
    tx.notes.patch(id, { title: 'once' })
    tx.notes.patch(id, { title: 'twice', content: 'twice' })
    tx.notes.remove(id)
  }),

  throwsAfterWrite: mutator([id], (tx, id) => {
    tx.notes.insert({ id, title: 'never seen', content: '', done: false })
    throw new Error('after the write')
  }),
  /** Two rows, and then it throws: there alone. */
  throwsOnServer: mutator([id, id], (tx, first, second) => {
    tx.notes.insert({ id: first, title: 'first', content: '', done: false })
    tx.notes.insert({ id: second, title: 'second', content: '', done: false })
    if (tx.onServer) throw new Error('on the server')
  }),
  /** Throws when it is replayed over a note that somebody finished meanwhile. */
  throwsWhenDone: mutator([id, text], (tx, id, title) => {
    if (tx.notes.get(id)?.done) throw new Error('is done')
    tx.notes.patch(id, { title })
  }),
  rejectIf: mutator([id, v.boolean()], (tx, id, rejects) => {
    tx.notes.put({ id, title: 'perhaps', content: '', done: false })
    if (rejects) tx.reject('asked-to', 'This was asked to be refused. Ask for the other.')
  }),
  /** Shown here, refused there. */
  rejectOnServer: mutator([id, text], (tx, id, title) => {
    tx.notes.put({ id, title, content: '', done: false })
    if (tx.onServer) tx.reject('not-here')
  }),

  increment: mutator([id, v.number()], (tx, id, by) => {
    const value = (tx.counters.get(id)?.value ?? 0) + by
    tx.counters.put({ id, value })
  }),
  /** Moves an amount from the fullest of the other counters, if there is one that has it. */
  transfer: mutator([id, v.number()], (tx, to, amount) => {
    const [from] = tx.counters.where('id', '!=', to).where('value', '>=', amount).orderBy('value', 'desc').limit(1).read()
    if (!from) return tx.reject('too-little')
    tx.counters.patch(from.id, { value: from.value - amount })
    tx.counters.put({ id: to, value: (tx.counters.get(to)?.value ?? 0) + amount })
  }),
})
