// The page that is measured: one subject, one step of one workload, named by its address. What came of it is in `globalThis.result`.
import type { Subject } from './subject.ts'
import { workloads } from './workloads.ts'

/** The subjects by name, each in a bundle of its own, so that none pays for another. */
const subjects: Readonly<Record<string, () => Promise<{ readonly subject: Subject }>>> = {
  floor: () => import('./subjects/floor.ts'),
  tidemark: () => import('./subjects/tidemark.ts'),
}

Object.assign(globalThis, { result: run(performance.now(), new URLSearchParams(location.search)) })

async function run(startedAt: number, asked: URLSearchParams) {
  const load = subjects[asked.get('subject') ?? '']
  const workload = workloads.find(({ name }) => name === asked.get('workload'))
  const step = asked.get('step') === 'prepare' ? workload?.prepare : workload?.steps[Number(asked.get('step'))]
  if (!load || !step) throw new Error(`There is no ${location.search}`)
  const { subject } = await load()
  return { version: subject.version, times: await step({ subject, rows: Number(asked.get('rows')), startedAt }) }
}
