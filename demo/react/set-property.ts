import type { Writing } from 'tidemark'
import type { HarbourStore } from './device.ts'
import { choices, type Property } from './words.ts'

/** Sets a property of an issue to one of its choices: each choice is a mutation with an explicit value. */
export function setProperty(
  store: HarbourStore,
  property: Property,
  { id, index }: { readonly id: string; readonly index: number },
): Writing {
  if (property === 'status') return store.mutate.setStatus(id, mustChoice(choices.status, index))
  if (property === 'priority') return store.mutate.setPriority(id, mustChoice(choices.priority, index))
  return store.mutate.setAssignee(id, mustChoice(choices.assignee, index))
}

function mustChoice<T>(options: readonly (readonly [value: T, name: string])[], index: number): T {
  const option = options[index]
  if (!option) throw new RangeError(`There is no choice ${index}.`)
  return option[0]
}
