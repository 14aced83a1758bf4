import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { expect, test } from 'vitest'

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../bench/${path}`, import.meta.url), 'utf8'))
const named = v.record(v.string(), v.string())

test("the peers' versions are exact, and their lockfile has the same and names no registry", () => {
  const { dependencies } = v.parse(v.object({ dependencies: named }), read('package.json'))
  const packages = v.record(v.string(), v.object({ version: v.optional(v.string()), resolved: v.optional(v.string()) }))
  const locked = v.parse(v.object({ packages }), read('package-lock.json')).packages
  for (const [name, version] of Object.entries(dependencies)) expect(locked[`node_modules/${name}`]?.version, name).toBe(version)
  for (const [path, { resolved }] of Object.entries(locked)) expect(resolved, path).toBeUndefined()
})

test("the peers are no part of the project's own dependencies", () => {
  const { dependencies } = v.parse(v.object({ dependencies: named }), read('package.json'))
  const project = v.parse(v.object({ dependencies: named, devDependencies: named }), read('../package.json'))
  const own = new Set(Object.keys({ ...project.dependencies, ...project.devDependencies }))
  // these two are Tidemark's own, too
  expect(Object.keys(dependencies).filter((name) => own.has(name))).toEqual(['@preact/signals-core', 'dexie'])
})
