import * as v from 'valibot'
import { collection, defineMutators, defineSchema, mutator, one } from 'tidemark'
import { place } from '../../demo/schema.ts'

const issue = v.object({
  id: v.string(),
  title: v.string(),
  status: v.string(),
  priority: v.number(),
  projectId: v.string(),
  assigneeId: v.string(),
  createdAt: v.number(),
  updatedAt: v.number(),
  estimate: v.number(),
})

const named = v.object({ id: v.string(), name: v.string() })

/** The bench's issues with what they name, and the places of the demo. */
export const schema = defineSchema({
  version: 1,
  collections: {
    issues: collection(issue, {
      crud: true,
      indexes: [
        ['status', 'updatedAt'],
        ['assigneeId', 'status'],
      ],
      relations: { project: one('projects', 'projectId'), assignee: one('users', 'assigneeId') },
    }),
    projects: collection(named, { crud: true }),
    users: collection(named),
    places: collection(place),
  },
})

export const mutators = defineMutators(schema, {
  putIssues: mutator([v.array(issue)], (tx, issues) => {
    for (const one of issues) tx.issues.put(one)
  }),
  putNames: mutator([v.array(named), v.array(named)], (tx, projects, users) => {
    for (const one of projects) tx.projects.put(one)
    for (const one of users) tx.users.put(one)
  }),
  putPlaces: mutator([v.array(place)], (tx, places) => {
    for (const one of places) tx.places.put(one)
  }),
})
