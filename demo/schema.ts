// What Harbour knows about: shared by the page and the server.
import * as v from 'valibot'
import { collection, defineSchema, many, one, type Row } from 'tidemark'

/** The states of an issue, in the order in which a list shows them. */
export const statuses = ['doing', 'todo', 'backlog', 'done'] as const
/** The priorities of an issue: the higher, the more urgent. */
export const priorities = [0, 1, 2, 3, 4] as const
/** Who works here. */
export const people = ['ada', 'grace', 'linus'] as const

export const status = v.picklist(statuses)
export const priority = v.picklist(priorities)
export const assignee = v.nullable(v.picklist(people))
export const title = v.pipe(v.string(), v.maxLength(200))
export const description = v.pipe(v.string(), v.maxLength(20_000))

const issue = v.object({
  id: v.string(),
  title,
  description,
  status,
  priority,
  assignee,
  /** The issue that this one is a part of. */
  parentId: v.nullable(v.string()),
  createdAt: v.number(),
})

/** A place as GeoNames lists it. */
export const place = v.object({
  id: v.string(),
  name: v.pipe(v.string(), v.maxLength(200)),
  country: v.string(),
  admin1: v.string(),
  lat: v.number(),
  lng: v.number(),
})

/** Issues live in the space `main`, places in the space `places`: one schema serves both. */
export const schema = defineSchema({
  version: 1,
  collections: {
    issues: collection(issue, {
      indexes: ['status', 'parentId'],
      relations: { parent: one('issues', 'parentId'), parts: many('issues', 'parentId') },
    }),
    places: collection(place, { crud: true, indexes: ['country'] }),
  },
})

/** An issue. */
export type Issue = Row<typeof schema, 'issues'>
/** A place. */
export type Place = Row<typeof schema, 'places'>
/** A state of an issue. */
export type Status = Issue['status']
/** A priority of an issue. */
export type Priority = Issue['priority']
/** Somebody who works here. */
export type Person = (typeof people)[number]
