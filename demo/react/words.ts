// What Harbour's fields are called on the page.
import type { Issue, Person, Priority, Status } from '../schema.ts'

export const statusNames: Readonly<Record<Status, string>> = { doing: 'In progress', todo: 'To do', backlog: 'Backlog', done: 'Done' }
export const priorityNames: Readonly<Record<Priority, string>> = { 4: 'Urgent', 3: 'High', 2: 'Medium', 1: 'Low', 0: 'No priority' }
export const personNames: Readonly<Record<Person, string>> = { ada: 'Ada', grace: 'Grace', linus: 'Linus' }

/** What one can set by a key in the list. */
export type Property = 'status' | 'priority' | 'assignee'

/** What each property may be, with its name, in the order of the menus. */
export const choices: { readonly [P in Property]: readonly (readonly [value: Issue[P], name: string])[] } = {
  status: [
    ['backlog', 'Backlog'],
    ['todo', 'To do'],
    ['doing', 'In progress'],
    ['done', 'Done'],
  ],
  priority: [
    [4, 'Urgent'],
    [3, 'High'],
    [2, 'Medium'],
    [1, 'Low'],
    [0, 'No priority'],
  ],
  assignee: [
    [null, 'Nobody'],
    ['ada', 'Ada'],
    ['grace', 'Grace'],
    ['linus', 'Linus'],
  ],
}
