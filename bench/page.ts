// The page that is measured: one subject, one step of one workload, named by its address. What came of it is in `globalThis.result`.
import type { Subject } from './subject.ts'
import { workloads } from './workloads.ts'

Object.assign(globalThis, { result: run(performance.now(), new URLSearchParams(location.search)) })

async function run(startedAt: number, asked: URLSearchParams) {
  const workload = workloads.find(({ name }) => name === asked.get('workload'))
  const step = asked.get('step') === 'prepare' ? workload?.prepare : workload?.steps[Number(asked.get('step'))]
  if (!step) throw new Error(`There is no ${location.search}`)
  // each subject is a bundle of its own, so that none pays for another, and none needs another to be installed
  const { subject } = (await import(/* @vite-ignore */ `./subject-${asked.get('subject')}.js`)) as { readonly subject: Subject }
  return step({ subject, rows: Number(asked.get('rows')), startedAt })
}
